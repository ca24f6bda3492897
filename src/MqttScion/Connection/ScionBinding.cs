using System.Net;
using MqttScion.Scion;

namespace MqttScion;

/// <summary>Where a SCION socket is bound.</summary>
internal readonly record struct ScionBinding(IsdAs IsdAs, IPEndPoint Address)
{
    /// <summary>Opens the socket.</summary>
    public ScionSocket Open() => new(IsdAs, new UdpUnderlay(Address));
}
