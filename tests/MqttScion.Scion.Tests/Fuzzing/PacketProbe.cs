namespace MqttScion.Scion.Tests;

/// <summary>Reads everything that a receiver could read out of bytes, and allocates nothing.</summary>
internal static class PacketProbe
{
    /// <summary>Reads the bytes in every way and returns a digest of what was read.</summary>
    /// <param name="bytes">Any bytes.</param>
    /// <param name="isPacket">True when they are a good packet.</param>
    internal static ulong ReadAll(ReadOnlySpan<byte> bytes, out bool isPacket)
    {
        var digest = new PacketDigest();
        isPacket = ScionPacketReader.TryRead(bytes, out var reader, out var error);
        Require((error.Kind == ScionParseErrorKind.None) == isPacket, "an error says that there was none, or not");
        digest.Add(error);
        if (isPacket)
        {
            Require(reader.HeaderLength + reader.PayloadLength == bytes.Length, "the length is not strict");
            Packet(ref digest, reader);
        }
        else if (ScionPacketReader.TryReadQuote(bytes, out var quote, out error))
        {
            Packet(ref digest, quote);
        }
        else if (ScionPacketReader.TryReadHeader(bytes, out var header, out error))
        {
            Header(ref digest, header);
        }
        digest.Add(error);

        // The same bytes as if they were only a part of a packet.
        StandardPath(ref digest, bytes);
        UpperLayer(ref digest, bytes);
        Quote(ref digest, bytes);
        var next = bytes.IsEmpty ? (byte)0 : bytes[0];
        digest.Add(ScionExtensions.TryRead(next, bytes, out var extensions, out error) ? extensions.Protocol : 0ul);
        digest.Add((ulong)(extensions.HopByHopLength + extensions.EndToEndLength));
        digest.Add(error);
        return digest.Value;
    }

    /// <summary>Fails with a message; cheaper than an assertion, of which there would be millions.</summary>
    internal static void Require(bool condition, string fault)
    {
        if (!condition)
            throw new InvalidDataException($"Not as it should be: {fault}.");
    }

    private static void Header(ref PacketDigest digest, ScionPacketReader reader)
    {
        digest.Add((ulong)reader.TrafficClass << 32 | reader.FlowId);
        digest.Add((ulong)reader.NextHeader << 32 | (uint)reader.HeaderLength << 16 | (uint)reader.PayloadLength);
        digest.Add(reader.DestinationIsdAs.Value);
        digest.Add(reader.SourceIsdAs.Value);
        digest.Add(reader.DestinationHost);
        digest.Add(reader.SourceHost);
        digest.Add(reader.AddressHeader);
        digest.Add(reader.RawPath);
        StandardPath(ref digest, reader.StandardPath);
        if (reader.TryGetEpicFields(out var epic))
            digest.Add(epic.Counter);
        if (reader.TryGetOneHopPath(out var oneHop))
            digest.Add(oneHop.SecondHop.Mac);
        Span<byte> reversed = stackalloc byte[ScionPacketReader.MaxHeaderLength];
        if (PathReversal.TryReverse(reader.PathType, reader.RawPath, reversed, out _, out var length))
            digest.Add(reversed[..length]);
        RoundTrip(reader);
    }

    private static void Packet(ref PacketDigest digest, ScionPacketReader reader)
    {
        Header(ref digest, reader);
        digest.Add(reader.HopByHop);
        digest.Add(reader.EndToEnd);
        foreach (var option in reader.HopByHopOptions)
            digest.Add(option.Data);
        foreach (var option in reader.EndToEndOptions)
            digest.Add(option.Data);
        if (reader.TryGetAuthenticator(out var authenticator))
        {
            Span<byte> input = stackalloc byte[AuthenticatorOption.MaxMacInputLength];
            Require(authenticator.TryWriteMacInput(reader, input, out var length), "the room for a MAC input is short");
            digest.Add(input[..length]);
            digest.Add(authenticator.Spi.Value);
            digest.Add(authenticator.Mac);
        }
        digest.Add((ulong)reader.Protocol << 32 | (uint)reader.UpperLayerOffset);
        digest.Add(reader.IsScmpError ? 1ul : 0ul);
        digest.Add(ScionChecksum.Compute(reader.AddressHeader, reader.Protocol, reader.UpperLayer));
        UpperLayer(ref digest, reader.UpperLayer);
    }

    private static void UpperLayer(ref PacketDigest digest, ReadOnlySpan<byte> bytes)
    {
        if (ScionUdpHeader.TryRead(bytes, out var udp, out var payloadLength, out var error))
            digest.Add(bytes.Slice(ScionUdpHeader.Length, payloadLength));
        digest.Add((ulong)udp.SourcePort << 48 | (ulong)udp.DestinationPort << 32 | (uint)udp.UdpLength << 16);
        digest.Add(error);
        if (!ScmpMessage.TryRead(bytes, out var message, out var data, out error))
        {
            digest.Add(error);
            return;
        }
        digest.Add(message);
        digest.Add(data);
        Quote(ref digest, data);
        Span<byte> written = stackalloc byte[message.Length];
        message.Write(written);
        Require(ScmpMessage.TryRead(written, out var again, out _, out _) && again == message, "an SCMP changed");
    }

    private static void Quote(ref PacketDigest digest, ReadOnlySpan<byte> bytes)
    {
        if (!ScmpQuote.TryRead(bytes, out var quote))
            return;
        digest.Add(quote.Source.Host);
        digest.Add(quote.Destination.Host);
        digest.Add(quote.Source.IsdAs.Value ^ quote.Destination.IsdAs.Value);
        digest.Add((ulong)quote.Source.Port << 16 | quote.Destination.Port);
        digest.Add(quote.Payload);
    }

    private static void StandardPath(ref PacketDigest digest, ReadOnlySpan<byte> path)
    {
        var isPath = PathHeader.TryRead(path, out var header, out var error);
        digest.Add(error);
        if (!isPath)
            return;
        Require(header.HopFieldCount <= PathHeader.MaxHopFields, "more than 64 hop fields");
        Span<byte> written = stackalloc byte[HopField.Length];
        for (var i = 0; i < header.InfoFieldCount; i++)
        {
            var info = PathHeader.ReadInfoField(path, i);
            digest.Add((ulong)info.Timestamp << 32 | (uint)info.SegId << 2 | (info.ConsDir ? 1ul : 0ul));
            info.Write(written);
            Require(InfoField.Read(written) == info, "an info field changed");
        }
        for (var i = 0; i < header.HopFieldCount; i++)
        {
            var hop = header.ReadHopField(path, i);
            digest.Add(hop.Mac << 8 | hop.ExpTime);
            digest.Add((ulong)hop.ConsIngress << 16 | hop.ConsEgress);
            digest.Add((ulong)hop.Expiry(0xffff_ffff).Ticks);
            hop.Write(written);
            Require(HopField.Read(written) == hop, "a hop field changed");
            Require(header.At(i).IsConsistent, "a position within the path is not consistent");
        }
        if (header.IsConsistent)
            digest.Add(header.ReadHopField(path, header.CurrentHopField).SegIdUpdate);
        Reverse(path);
    }

    // The reserved bits of the meta header go with the first reversal; from then on, twice gives the same.
    private static void Reverse(ReadOnlySpan<byte> path)
    {
        Span<byte> once = stackalloc byte[path.Length];
        if (path.IsEmpty || !PathReversal.TryReverse(path, once))
            return;
        Span<byte> twice = stackalloc byte[path.Length];
        Span<byte> again = stackalloc byte[path.Length];
        var isReversed = PathReversal.TryReverse(once, twice) && PathReversal.TryReverse(twice, again);
        Require(isReversed && once.SequenceEqual(again), "a path reversed twice is another");
        Require(path[PathHeader.MetaLength..].SequenceEqual(twice[PathHeader.MetaLength..]), "a field was lost");
    }

    private static void RoundTrip(ScionPacketReader reader)
    {
        var header = new ScionHeader(
            reader.DestinationIsdAs,
            reader.DestinationHost,
            reader.SourceIsdAs,
            reader.SourceHost,
            reader.PathType,
            (L4Protocol)reader.NextHeader,
            reader.TrafficClass,
            reader.FlowId);
        Span<byte> written = stackalloc byte[ScionPacketReader.MaxHeaderLength];
        var isWritten = ScionPacketWriter.TryWriteHeader(
            written, header, reader.RawPath, reader.PayloadLength, out var length);
        Require(isWritten, "a header that was read is not written");
        if (reader.DestinationHost.IsIPv4Mapped || reader.SourceHost.IsIPv4Mapped)
            return; // These are written as IPv4 addresses.
        reader.Packet.Slice(10, 2).CopyTo(written[10..]); // Reserved.
        Require(reader.Packet[..reader.HeaderLength].SequenceEqual(written[..length]), "a header changed");
    }
}
