using MqttScion.Scion;

namespace MqttScion.Testnet;

/// <summary>Builds the SCMP packets with which a border router answers, on the reversed path.</summary>
internal sealed class RouterReply(IsdAs isdAs, ScionHost host)
{
    private readonly byte[] _packet = new byte[ScionPacketReader.MaxHeaderLength + ScmpMessage.MaxErrorPacketLength];
    private readonly byte[] _path = new byte[ScionPacketReader.MaxHeaderLength];
    private int _length;

    /// <summary>The last packet that was built.</summary>
    internal ReadOnlySpan<byte> Packet => _packet.AsSpan(0, _length);

    /// <summary>Builds an error that quotes the packet.</summary>
    internal RouterVerdict Error(scoped ref RouterPacket packet, ScmpMessage message) =>
        IsScmpError(packet.Header) ? RouterVerdict.Drop(RouterDropReason.NoAnswerPossible)
            : Build(ref packet, message, packet.Bytes);

    /// <summary>Builds the answer to a traceroute request; anything else with an alert is dropped.</summary>
    internal RouterVerdict Traceroute(scoped ref RouterPacket packet, ushort interfaceId)
    {
        if (!ScionPacketReader.TryRead(packet.Bytes, out var reader, out _)
            || reader.Protocol != L4Protocol.Scmp
            || !ScmpMessage.TryRead(reader.UpperLayer, out var request, out _, out _)
            || request.Type != ScmpType.TracerouteRequest)
        {
            return RouterVerdict.Drop(RouterDropReason.UnansweredAlert);
        }
        var reply = new ScmpMessage(ScmpType.TracerouteReply, 0)
        {
            Identifier = request.Identifier,
            Sequence = request.Sequence,
            IsdAs = isdAs,
            Interface = interfaceId,
        };
        return Build(ref packet, reply, []);
    }

    private static bool IsScmpError(ScionPacketReader header) =>
        ScionPacketReader.TryReadQuote(header.Packet, out var reader, out _) && reader.IsScmpError;

    private RouterVerdict Build(scoped ref RouterPacket packet, ScmpMessage message, ReadOnlySpan<byte> quote)
    {
        var header = packet.Header;
        var path = _path.AsSpan(0, packet.PathBytes.Length);
        var answer = new ScionHeader(
            header.SourceIsdAs,
            header.SourceHost,
            isdAs,
            host,
            PathType.Scion,
            L4Protocol.Scmp,
            header.TrafficClass,
            header.FlowId);
        if (!TryMakePath(ref packet, path)
            || !ScionPacketWriter.TryWriteScmp(_packet, answer, path, message, quote, out _length))
        {
            return RouterVerdict.Drop(RouterDropReason.NoAnswerPossible);
        }
        return new RouterVerdict(RouterAction.Reply, packet.Ingress, packet.Sender);
    }

    /// <summary>Reverses the path and brings it to where the router that gets the answer expects it.</summary>
    private static bool TryMakePath(scoped ref RouterPacket packet, Span<byte> path)
    {
        if (!PathReversal.TryReverse(packet.PathBytes, path) || !PathHeader.TryRead(path, out var header, out _))
            return false;
        var isPeering = RouterPacketProcessor.IsAtPeeringLink(header, path, out _);
        if (header.IsCrossover && !isPeering)
            header.TryIncrement(out header); // Back out of a segment change made here.
        if (packet.IsFromOutside)
        {
            var info = PathHeader.ReadInfoField(path, header.CurrentInfoField);

            // On the way in, a segment against construction direction brought its SegID before our MAC was taken out;
            // it leaves in the same state.
            if (info.ConsDir && !isPeering && packet.IsIngressSegIdUpdated)
            {
                var update = header.ReadHopField(path, header.CurrentHopField).SegIdUpdate;
                (info with { SegId = (ushort)(info.SegId ^ update) })
                    .Write(path[PathHeader.InfoFieldOffset(header.CurrentInfoField)..]);
            }
            if (!header.TryIncrement(out header))
                return false;
        }
        header.Write(path);
        return true;
    }
}
