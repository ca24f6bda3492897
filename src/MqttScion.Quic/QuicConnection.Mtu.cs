namespace MqttScion.Quic;

/// <content>Probes for the size of the current path.</content>
public sealed partial class QuicConnection
{
    private bool TryTransmitMtuProbe(NetworkPath path, Span<byte> room, TimeSpan now, out QuicTransmit transmit)
    {
        transmit = default;
        if (!IsHandshakeConfirmed || !path.IsValidated || !path.HasWindow ||
            !Application.Sent.HasRoom(Application.NextNumber))
            return false;
        path.Mtu.LimitTo((int)Math.Min(_peerParameters.MaxUdpPayloadSize, int.MaxValue));
        var size = path.Mtu.NextProbeBytes(now);
        if (size == 0 || room.Length < path.HeadroomBytes + size)
            return false;
        var builder = new DatagramBuilder(room.Slice(path.HeadroomBytes, size));
        if (!TryBegin(ref builder, Application))
            return false;
        // A probe is not marked: its loss must have one reason only.
        _mark = EcnCodepoint.NotEct;
        var sent = Application.Sent.Rent(path);
        sent.LargestAcknowledged = -1;
        sent.IsMtuProbe = true;
        WritePing(ref builder.Writer, sent.Frames);
        builder.Commit(sent);
        builder.PadTo(size);
        path.Mtu.OnSent(size);
        var length = Seal(ref builder, path, now);
        RestartLossTimer(now);
        transmit = new QuicTransmit(path.Id, path.HeadroomBytes + length, length, 1, _mark);
        return true;
    }
}
