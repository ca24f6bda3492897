using System.Net;
using MqttScion.Scion;

namespace MqttScion.Testnet;

/// <summary>What a border router is made from; it reads all of it once.</summary>
internal sealed record BorderRouterOptions
{
    /// <summary>The AS.</summary>
    public required IsdAs IsdAs { get; init; }

    /// <summary>The name of the router within its AS.</summary>
    public string Name { get; init; } = TopologyLink.DefaultRouter;

    /// <summary>The 16 bytes that all hop-field MACs of the AS are made with.</summary>
    public required byte[] ForwardingKey { get; init; }

    /// <summary>The address towards the hosts of the AS; port 0 takes a free one.</summary>
    public IPEndPoint InternalAddress { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>The interfaces of the router, and those of siblings whose address is known already.</summary>
    public required IReadOnlyList<RouterInterface> Interfaces { get; init; }

    /// <summary>The clock for hop expiry.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>The seed of what is random: loss, jitter, duplicates, reordering.</summary>
    public int Seed { get; init; }

    /// <summary>Which port of a host a packet is delivered to.</summary>
    public PortDispatch Ports { get; init; } = PortDispatch.Open;

    /// <summary>The most SCMP messages per second that the router sends of itself; at least 1.</summary>
    public int ScmpPerSecond { get; init; } = 1000;
}
