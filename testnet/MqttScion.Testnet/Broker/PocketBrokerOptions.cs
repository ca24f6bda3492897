using System.Net;
using MqttScion.Mqtt;

namespace MqttScion.Testnet;

/// <summary>The settings of a <see cref="PocketBroker"/>. Frozen once it started.</summary>
public sealed record PocketBrokerOptions
{
    /// <summary>Where to listen for TCP. Port 0 takes a free port. Default: loopback, port 0.</summary>
    public IPEndPoint EndPoint { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>The largest packet in bytes that a client may send. Default: 16 MiB and 64 KiB for the
    /// header.</summary>
    public int MaximumPacketSize { get; init; } = (16 << 20) + (64 << 10);

    /// <summary>How many QoS 1 messages a client may have unacknowledged at a time. Default: 1000.</summary>
    public ushort ReceiveMaximum { get; init; } = 1000;

    /// <summary>A keep-alive that clients must use instead of their own, in whole seconds; null leaves it to them.
    /// Default: null.</summary>
    public TimeSpan? ServerKeepAlive { get; init; }

    /// <summary>How long a new connection may take to send CONNECT. Default: 10 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How many messages may wait for one client. Default: 10,000.</summary>
    public int MaximumQueuedMessages { get; init; } = 10_000;

    /// <summary>How many bytes of payload may wait for one client. Default: 64 MiB.</summary>
    public long MaximumQueuedBytes { get; init; } = 64 << 20;

    /// <summary>How many bytes of payload may be retained. Default: 256 MiB.</summary>
    public long MaximumRetainedBytes { get; init; } = 256 << 20;

    /// <summary>How many TCP connections are served; further ones wait to be accepted. Default: 1024.</summary>
    public int MaximumConnections { get; init; } = 1024;

    /// <summary>How many sessions are kept, connected or not. Default: 4096.</summary>
    public int MaximumSessions { get; init; } = 4096;

    /// <summary>How many subscriptions a client may have. Default: 1000.</summary>
    public int MaximumSubscriptions { get; init; } = 1000;

    /// <summary>Decides about a client that connects; null accepts all. Called on many threads.</summary>
    public Func<PocketBrokerConnect, MqttClientConnectResultCode>? AuthorizeConnect { get; init; }

    /// <summary>Decides about a subscription of a client (the first argument is its identifier): an error code, or null
    /// for what was asked. Null accepts all. Called on many threads.</summary>
    public Func<string, MqttTopicFilter, MqttClientSubscribeResultCode?>? AuthorizeSubscribe { get; init; }

    /// <summary>Decides about a message of a client (the first argument is its identifier). Null accepts all. Called on
    /// many threads.</summary>
    public Func<string, MqttApplicationMessage, MqttClientPublishReasonCode>? AuthorizePublish { get; init; }

    /// <summary>The clock for message and session expiry. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
