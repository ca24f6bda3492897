using System.Net;
using MqttScion.Scion;

namespace MqttScion.Testnet;

/// <summary>What a border router is made from; it reads all of it once.</summary>
public sealed record BorderRouterOptions
{
    /// <summary>The AS.</summary>
    public required IsdAs IsdAs { get; init; }

    /// <summary>The 16 bytes that all hop-field MACs of the AS are made with.</summary>
    public required byte[] ForwardingKey { get; init; }

    /// <summary>The address towards the hosts of the AS; port 0 takes a free one.</summary>
    public IPEndPoint InternalAddress { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>The interfaces of the AS.</summary>
    public required IReadOnlyList<RouterInterface> Interfaces { get; init; }

    /// <summary>The clock for hop expiry and link delay.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>The seed of what is random: link loss.</summary>
    public int Seed { get; init; }
}
