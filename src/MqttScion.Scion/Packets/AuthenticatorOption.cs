using System.Buffers.Binary;

namespace MqttScion.Scion;

/// <summary>The packet authenticator option (SPAO) of an end-to-end extension.</summary>
/// <remarks>
/// The MAC is neither computed nor checked here: <see cref="TryWriteMacInput"/> gives the bytes that it covers.
/// </remarks>
public readonly ref struct AuthenticatorOption
{
    /// <summary>The algorithm number of AES-CMAC.</summary>
    public const byte AesCmac = 0;

    /// <summary>The most bytes that <see cref="TryWriteMacInput"/> writes.</summary>
    public const int MaxMacInputLength = FixedInputLength + ScionPacketReader.MaxHeaderLength;

    private const int FixedLength = 12;
    private const int FixedInputLength = 20;

    // scionproto takes these bits of the traffic class into the MAC.
    private const uint FirstLineMask = 0xf3ff_ffff;

    /// <summary>Makes an option.</summary>
    /// <param name="spi">Which key was used.</param>
    /// <param name="algorithm">The algorithm of the MAC.</param>
    /// <param name="timestampSequence">The timestamp or sequence number, 48 bits.</param>
    /// <param name="mac">The MAC; it is not copied.</param>
    public AuthenticatorOption(AuthenticatorSpi spi, byte algorithm, ulong timestampSequence, ReadOnlySpan<byte> mac)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(timestampSequence, 0xffff_ffff_ffffUL);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(
            mac.Length, ExtensionOption.MaxDataLength - FixedLength, nameof(mac));
        Spi = spi;
        Algorithm = algorithm;
        TimestampSequence = timestampSequence;
        Mac = mac;
    }

    /// <summary>Which key was used.</summary>
    public AuthenticatorSpi Spi { get; }

    /// <summary>The algorithm of the MAC.</summary>
    public byte Algorithm { get; }

    /// <summary>The timestamp or sequence number, 48 bits.</summary>
    public ulong TimestampSequence { get; }

    /// <summary>The MAC.</summary>
    public ReadOnlySpan<byte> Mac { get; }

    /// <summary>Reads an option; false when it is another one or too short.</summary>
    public static bool TryRead(ExtensionOption option, out AuthenticatorOption result)
    {
        result = default;
        var data = option.Data;
        if (option.Type != ExtensionOption.Authenticator || data.Length < FixedLength)
            return false;
        var timestampSequence = BinaryPrimitives.ReadUInt64BigEndian(data[4..]) & 0xffff_ffff_ffff;
        var spi = new AuthenticatorSpi(BinaryPrimitives.ReadUInt32BigEndian(data));
        result = new AuthenticatorOption(spi, data[4], timestampSequence, data[FixedLength..]);
        return true;
    }

    /// <summary>Adds the option to an end-to-end extension; false when it does not fit.</summary>
    public bool TryWrite(ref ExtensionWriter extension)
    {
        Span<byte> data = stackalloc byte[ExtensionOption.MaxDataLength];
        BinaryPrimitives.WriteUInt64BigEndian(data[4..], TimestampSequence);
        BinaryPrimitives.WriteUInt32BigEndian(data, Spi.Value);
        data[4] = Algorithm;
        Mac.CopyTo(data[FixedLength..]);
        return extension.TryAdd(
            ExtensionOption.Authenticator, data[..(FixedLength + Mac.Length)], alignment: 4, remainder: 2);
    }

    /// <summary>Writes what the MAC covers up to the upper layer, which follows it in the MAC.</summary>
    /// <remarks>
    /// What routers change is zero in it: position, SegIDs, alerts, and the second hop of a one-hop path. Addresses
    /// that the key stands for already are left out.
    /// </remarks>
    /// <param name="packet">The packet that carries the option.</param>
    /// <param name="destination">Room for the bytes; <see cref="MaxMacInputLength"/> is always enough.</param>
    /// <param name="length">The number of bytes written.</param>
    /// <returns>False when there is not room enough.</returns>
    public bool TryWriteMacInput(ScionPacketReader packet, Span<byte> destination, out int length)
    {
        var addresses = Spi.IsDrkey ? default : packet.AddressHeader[..(2 * sizeof(ulong))];
        var isOfReceiver = Spi.IsReceiverSide;
        var coversDestination = !Spi.IsDrkey || (!Spi.IsHostToHost && isOfReceiver);
        var coversSource = !Spi.IsDrkey || (!Spi.IsHostToHost && !isOfReceiver);
        var destinationHost = coversDestination ? packet.RawDestinationHost : default;
        var sourceHost = coversSource ? packet.RawSourceHost : default;
        var path = packet.RawPath;
        length = FixedInputLength + addresses.Length + destinationHost.Length + sourceHost.Length + path.Length;
        if (length > destination.Length)
            return false;

        var firstLine = BinaryPrimitives.ReadUInt32BigEndian(packet.Packet) & FirstLineMask;
        BinaryPrimitives.WriteUInt64BigEndian(destination[4..], TimestampSequence);
        destination[0] = (byte)(packet.HeaderLength / 4);
        destination[1] = (byte)packet.Protocol;
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)packet.UpperLayer.Length);
        destination[4] = Algorithm;
        BinaryPrimitives.WriteUInt32BigEndian(destination[12..], firstLine);
        packet.Packet.Slice(8, 2).CopyTo(destination[16..]);
        destination.Slice(18, 2).Clear();

        var rest = destination[FixedInputLength..length];
        addresses.CopyTo(rest);
        destinationHost.CopyTo(rest[addresses.Length..]);
        sourceHost.CopyTo(rest[(addresses.Length + destinationHost.Length)..]);
        var pathCopy = rest[^path.Length..];
        path.CopyTo(pathCopy);
        ClearMutableFields(packet, pathCopy);
        return true;
    }

    private static void ClearMutableFields(ScionPacketReader packet, Span<byte> path)
    {
        if (packet.PathType == PathType.OneHop)
        {
            InfoField.ClearSegId(path);
            path[OneHopPath.FirstHopOffset] = 0;
            path[OneHopPath.SecondHopOffset..].Clear();
        }
        var standard = path[^packet.StandardPath.Length..];
        if (!PathHeader.TryRead(standard, out var header, out _))
            return;
        standard[0] = 0; // The two pointers fill the first byte.
        for (var i = 0; i < header.InfoFieldCount; i++)
            InfoField.ClearSegId(standard[PathHeader.InfoFieldOffset(i)..]);
        for (var i = 0; i < header.HopFieldCount; i++)
            standard[header.HopFieldOffset(i)] = 0;
    }
}
