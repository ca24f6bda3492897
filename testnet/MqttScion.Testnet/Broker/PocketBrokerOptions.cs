using System.Net;
using MqttScion.Mqtt;

namespace MqttScion.Testnet;

/// <summary>The settings of a <see cref="PocketBroker"/>. Frozen once it started.</summary>
public sealed record PocketBrokerOptions
{
    /// <summary>Where to listen for TCP. Port 0 takes a free port. Default: loopback, port 0.</summary>
    public IPEndPoint EndPoint { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>Where to listen for QUIC (UDP) beside TCP; null (the default) for nowhere.</summary>
    public PocketBrokerQuicOptions? Quic { get; init; }

    /// <summary>The largest packet in bytes that a client may send. Default: 16 MiB and 64 KiB for the
    /// header.</summary>
    public int MaximumPacketSize { get; init; } = (16 << 20) + (64 << 10);

    /// <summary>How many QoS 1 and 2 messages a client may have unacknowledged at a time; one more ends its connection
    /// with 0x93. Default: 1000.</summary>
    public ushort ReceiveMaximum { get; init; } = 1000;

    /// <summary>The highest QoS that is taken and granted. A message above it ends the connection with 0x9B. Default:
    /// exactly once.</summary>
    public MqttQualityOfServiceLevel MaximumQoS { get; init; } = MqttQualityOfServiceLevel.ExactlyOnce;

    /// <summary>The highest topic alias that a client may send; one above it ends the connection with 0x94. Default:
    /// 10.</summary>
    public ushort TopicAliasMaximum { get; init; } = 10;

    /// <summary>How many topic aliases the broker sends to a client that allows them: its first topics get them.
    /// Default: 0.</summary>
    public ushort OutgoingTopicAliasMaximum { get; init; }

    /// <summary>False refuses retained messages with 0x9A. Default: true.</summary>
    public bool IsRetainAvailable { get; init; } = true;

    /// <summary>False refuses wildcards in subscriptions with 0xA2. Default: true.</summary>
    public bool IsWildcardSubscriptionAvailable { get; init; } = true;

    /// <summary>False refuses subscription identifiers with 0xA1. Default: true.</summary>
    public bool IsSubscriptionIdentifierAvailable { get; init; } = true;

    /// <summary>False refuses shared subscriptions with 0x9E. Default: true.</summary>
    public bool IsSharedSubscriptionAvailable { get; init; } = true;

    /// <summary>True sends a message once for each subscription of a client that matches; false once for all, with the
    /// highest QoS and all subscription identifiers (MQTT 5 §3.3.4 allows both). Default: false.</summary>
    public bool OneCopyPerSubscription { get; init; }

    /// <summary>How many QoS 1 and 2 messages beyond its Receive Maximum a client is sent, as some brokers do: a fault,
    /// for tests [MQTT-3.3.4-9]. Default: 0.</summary>
    public ushort ReceiveMaximumExcess { get; init; }

    /// <summary>The longest time that a session outlives its connection, told in CONNACK to a client that asks for
    /// more; null sets no limit. Default: null.</summary>
    public TimeSpan? MaximumSessionExpiry { get; init; }

    /// <summary>The server to use instead, told with the codes 0x9C and 0x9D of <see cref="AuthorizeConnect"/> and
    /// <see cref="PocketBroker.Disconnect"/>; null tells none. Default: null.</summary>
    public string? ServerReference { get; init; }

    /// <summary>How many clients may connect within a second; others get CONNACK 0x9F. Null sets no limit. Default:
    /// null.</summary>
    public int? MaximumConnectionsPerSecond { get; init; }

    /// <summary>How many messages a client may publish within a second; one more ends its connection with 0x96. Null
    /// sets no limit. Default: null.</summary>
    public int? MaximumMessagesPerSecond { get; init; }

    /// <summary>A keep-alive that clients must use instead of their own, in whole seconds; null leaves it to them.
    /// Default: null.</summary>
    public TimeSpan? ServerKeepAlive { get; init; }

    /// <summary>How long a new connection may take to send CONNECT. Default: 10 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How many messages may wait for one client. Default: 10,000.</summary>
    public int MaximumQueuedMessages { get; init; } = 10_000;

    /// <summary>How many bytes of messages (payload, topic, properties) may wait for one client. Default:
    /// 64 MiB.</summary>
    public long MaximumQueuedBytes { get; init; } = 64 << 20;

    /// <summary>How many messages may be retained. Default: 100,000.</summary>
    public int MaximumRetainedMessages { get; init; } = 100_000;

    /// <summary>How many bytes of messages (payload, topic, properties) may be retained. Default: 256 MiB.</summary>
    public long MaximumRetainedBytes { get; init; } = 256 << 20;

    /// <summary>How many TCP connections are served, further ones waiting to be accepted; and how many QUIC
    /// connections, further ones being refused. Default: 1024.</summary>
    public int MaximumConnections { get; init; } = 1024;

    /// <summary>How many data streams a connection may have beside its control stream; 0 allows one stream. Default:
    /// 16.</summary>
    public int MaximumDataStreams { get; init; } = 16;

    /// <summary>How many sessions are kept, connected or not. Default: 4096.</summary>
    public int MaximumSessions { get; init; } = 4096;

    /// <summary>How many subscriptions a client may have. Default: 1000.</summary>
    public int MaximumSubscriptions { get; init; } = 1000;

    /// <summary>Decides about a client that connects; null accepts all. Called on many threads.</summary>
    public Func<PocketBrokerConnect, MqttClientConnectResultCode>? AuthorizeConnect { get; init; }

    /// <summary>Takes one step of an enhanced authentication (MQTT 5 §4.12); null refuses all methods with 0x8C. Called
    /// on many threads, for one client one call at a time.</summary>
    public Func<PocketBrokerAuthentication, PocketBrokerAuthenticationAnswer>? Authenticate { get; init; }

    /// <summary>Decides about a subscription of a client (the first argument is its identifier): an error code, or null
    /// for what was asked. Null accepts all. Called on many threads.</summary>
    public Func<string, MqttTopicFilter, MqttClientSubscribeResultCode?>? AuthorizeSubscribe { get; init; }

    /// <summary>Decides about a message of a client (the first argument is its identifier), and about its will when it
    /// connects. Null accepts all. Called on many threads.</summary>
    public Func<string, MqttApplicationMessage, MqttClientPublishReasonCode>? AuthorizePublish { get; init; }

    /// <summary>The sessions and messages to go on with, of a broker that was disposed of; null begins with none.
    /// Default: null.</summary>
    public PocketBrokerState? State { get; init; }

    /// <summary>The clock for expiry, will delays, keep-alive and rates. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(MaximumDataStreams);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumPacketSize, 1);
        ArgumentOutOfRangeException.ThrowIfZero(ReceiveMaximum);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumConnections, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumConnectionsPerSecond ?? 1, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumMessagesPerSecond ?? 1, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(
            ServerKeepAlive ?? TimeSpan.Zero, TimeSpan.FromSeconds(ushort.MaxValue));
        if (!Enum.IsDefined(MaximumQoS))
        {
            throw new ArgumentOutOfRangeException(nameof(MaximumQoS), MaximumQoS, "There is no such QoS.");
        }
    }
}
