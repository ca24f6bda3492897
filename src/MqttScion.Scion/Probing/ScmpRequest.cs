namespace MqttScion.Scion;

/// <summary>An SCMP echo or traceroute request over a path.</summary>
internal sealed record ScmpRequest
{
    private ScmpRequest(ScmpType type, ScionPath path, ScionHost host) =>
        (Type, Path, Host) = (type, path, host.ToWireForm());

    /// <summary>Echo request or traceroute request.</summary>
    public ScmpType Type { get; }

    /// <summary>The path.</summary>
    public ScionPath Path { get; }

    /// <summary>The host at its end; no service for a traceroute, since no host gets it.</summary>
    public ScionHost Host { get; }

    /// <summary>Bytes of echo data.</summary>
    public int PayloadLength { get; private init; }

    /// <summary>The position of the asked interface on the path, for a traceroute.</summary>
    public int InterfaceIndex { get; private init; }

    /// <summary>Asks a host for an echo.</summary>
    public static ScmpRequest Echo(ScionPath path, ScionHost host, int payloadLength) =>
        new(ScmpType.EchoRequest, path, host) { PayloadLength = payloadLength };

    /// <summary>Asks the router at an interface of the path.</summary>
    public static ScmpRequest Traceroute(ScionPath path, int interfaceIndex) =>
        new(ScmpType.TracerouteRequest, path, ScionHost.FromService(new ServiceAddress(0xffff)))
        {
            InterfaceIndex = interfaceIndex,
        };

    /// <summary>Asks the last border router of the path: its answer needs no host at the other end.</summary>
    public static ScmpRequest LastRouter(ScionPath path) => Traceroute(path, path.Interfaces.Count - 1);

    /// <summary>Writes the packet.</summary>
    /// <param name="packet">Room for it.</param>
    /// <param name="local">The socket that sends it; its port is the identifier.</param>
    /// <param name="sequence">The sequence number.</param>
    /// <param name="cookie">What the echo data is made of.</param>
    /// <param name="length">The length of the packet in bytes.</param>
    /// <returns>False when it does not fit, or the path does not have the interface.</returns>
    public bool TryWrite(Span<byte> packet, ScionEndPoint local, ushort sequence, ulong cookie, out int length)
    {
        length = 0;
        if (PayloadLength > packet.Length || Path.DataplanePath.Length > ScionPacketReader.MaxHeaderLength)
        {
            return false;
        }
        Span<byte> path = stackalloc byte[Path.DataplanePath.Length];
        Path.DataplanePath.Span.CopyTo(path);
        if (Type == ScmpType.TracerouteRequest
            && (InterfaceIndex < 0 || InterfaceIndex >= Path.Interfaces.Count
                || !RouterAlert.TrySet(path, InterfaceIndex, Path.Interfaces[InterfaceIndex].Id)))
        {
            return false;
        }
        var header = new ScionHeader(
            Path.Destination,
            Host,
            Path.Source,
            local.Host,
            Path.IsLocal ? PathType.Empty : PathType.Scion,
            L4Protocol.Scmp,
            FlowId: FlowIdOf(cookie));
        var message = new ScmpMessage(Type, 0) { Identifier = local.Port, Sequence = sequence };
        var data = new byte[PayloadLength];
        for (var i = 0; i < data.Length; i++)
        {
            data[i] = DataAt(i, cookie);
        }
        return ScionPacketWriter.TryWriteScmp(packet, header, path, message, data, out length);
    }

    /// <summary>True when echo data, or the start of it, is that of the request.</summary>
    public bool IsData(ReadOnlySpan<byte> data, ulong cookie)
    {
        for (var i = 0; i < data.Length; i++)
        {
            if (data[i] != DataAt(i, cookie))
            {
                return false;
            }
        }
        return data.Length <= PayloadLength;
    }

    /// <summary>
    /// The flow id of the packet, which a quote gives back whatever its length: what else is in a request without data
    /// can be had from a path server.
    /// </summary>
    public static uint FlowIdOf(ulong cookie) => Math.Max((uint)(cookie >> 40) & 0xf_ffff, 1);

    private static byte DataAt(int index, ulong cookie) => (byte)(cookie >> (8 * (index % 8)));
}
