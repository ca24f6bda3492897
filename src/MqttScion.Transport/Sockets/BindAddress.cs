using System.Net;
using MqttScion.Scion;

namespace MqttScion.Transport;

/// <summary>A local address: an IP endpoint, with or without the ISD-AS that it is in.</summary>
internal readonly record struct BindAddress(IsdAs? IsdAs, IPEndPoint EndPoint)
{
    public static bool TryParse(string text, out BindAddress address)
    {
        if (ScionEndPoint.TryParse(text, out var scion) && scion.TryGetIPEndPoint(out var endPoint))
        {
            address = new BindAddress(scion.IsdAs, endPoint);
            return true;
        }
        var isIP = IPEndPoint.TryParse(text, out endPoint);
        address = new BindAddress(null, endPoint ?? new IPEndPoint(IPAddress.Any, 0));
        return isIP;
    }
}
