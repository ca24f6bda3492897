namespace MqttScion.Simulation;

/// <summary>One direction of a stream: what is sent, and what became of it.</summary>
internal sealed class Flow(ulong contentKey, int size, int? resetAt, int? stopAt)
{
    public ulong ContentKey => contentKey;

    public int Size => size;

    /// <summary>After how many bytes the sender resets it, or null.</summary>
    public int? ResetAt => resetAt;

    /// <summary>After how many bytes the receiver wants no more, or null.</summary>
    public int? StopAt => stopAt;

    public int Written { get; set; }

    public bool IsFinished { get; set; }

    public bool IsReset { get; set; }

    public int Read { get; set; }

    /// <summary>The receiver got all of it.</summary>
    public bool IsComplete { get; set; }

    /// <summary>The receiver asked the sender to stop.</summary>
    public bool IsStopped { get; set; }

    /// <summary>The receiver was told of the reset.</summary>
    public bool IsResetSeen { get; set; }

    /// <summary>True when the receiver waits for nothing any more.</summary>
    public bool IsOver => IsComplete || IsStopped || IsResetSeen;

    public override string ToString() =>
        $"written {Written} of {size}, read {Read}, finished {IsFinished}, reset {IsReset}/{IsResetSeen}, " +
        $"stopped {IsStopped}, complete {IsComplete}";
}
