using System.Net;
using MqttScion.Scion;
using MqttScion.Udp;

namespace MqttScion.Testnet;

/// <summary>Where the services of an AS are. Any thread may add to it; the loops of the routers read it.</summary>
internal sealed class ServiceTable
{
    private const ushort MulticastFlag = 0x8000;
    private readonly Lock _adding = new();
    private volatile Backend[] _backends = [];
    private uint _turn;

    internal void Add(ServiceAddress service, IPEndPoint backend)
    {
        lock (_adding)
        {
            _backends = [.. _backends, new Backend(WithoutMulticast(service), backend)];
        }
    }

    /// <summary>Picks one of the backends, each in turn; a multicast address means any of them, too.</summary>
    internal bool TryPick(ServiceAddress service, out UdpAddress address)
    {
        var (backends, wanted) = (_backends, WithoutMulticast(service));
        var turn = Interlocked.Increment(ref _turn);
        for (var i = 0; i < backends.Length; i++)
        {
            var backend = backends[(turn + i) % backends.Length];
            if (backend.Service == wanted)
            {
                address = backend.Address;
                return true;
            }
        }
        address = default;
        return false;
    }

    private static ushort WithoutMulticast(ServiceAddress service) => (ushort)(service.Value & ~MulticastFlag);

    private sealed record Backend(ushort Service, UdpAddress Address);
}
