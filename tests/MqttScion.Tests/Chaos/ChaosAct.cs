namespace MqttScion.Tests.Chaos;

/// <summary>One thing that goes wrong.</summary>
internal enum ChaosAct
{
    /// <summary>The broker ends and comes back with its sessions.</summary>
    RestartBroker,

    /// <summary>The proxy's process is killed; another takes its place.</summary>
    KillProxy,

    /// <summary>The proxy ends in order; another takes its place.</summary>
    StopProxy,

    /// <summary>The publisher's process is killed; another goes on with its outbox.</summary>
    KillPublisher,

    /// <summary>The QoS 1 subscriber's process is killed; another goes on with its session.</summary>
    KillSubscriber,

    /// <summary>The other subscriber disconnects and connects again.</summary>
    CutSubscriber,
}
