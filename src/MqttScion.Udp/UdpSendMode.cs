namespace MqttScion.Udp;

/// <summary>How a socket hands a flight to the kernel. A socket only ever moves down this list.</summary>
internal enum UdpSendMode
{
    /// <summary>One call, one buffer, cut into datagrams as late as possible (UDP_SEGMENT).</summary>
    Segmented,

    /// <summary>One call for many datagrams (<c>sendmmsg</c>).</summary>
    Many,

    /// <summary>A call for each datagram.</summary>
    Single,
}
