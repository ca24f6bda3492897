namespace MqttScion.Tests.Chaos;

/// <summary>A broker that can be restarted and then has its sessions again.</summary>
internal interface IChaosBroker : IAsyncDisposable
{
    /// <summary>Host and port; the same after each restart.</summary>
    string Address { get; }

    /// <summary>The QoS 2 messages that it took from publishers more than once, where it can tell.</summary>
    IEnumerable<string> Repetitions => [];

    /// <summary>True when it may send a QoS 2 message, marked DUP, once more after a restart although its flow had
    /// ended.</summary>
    bool RepeatsAfterRestart => false;

    /// <summary>True when it may send a message before one that it took earlier.</summary>
    bool Overtakes => false;

    /// <summary>Ends the broker, waits, and starts it again.</summary>
    Task RestartAsync(TimeSpan pause);
}
