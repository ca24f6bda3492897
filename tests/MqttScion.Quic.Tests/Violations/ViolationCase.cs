namespace MqttScion.Quic.Tests;

/// <summary>One rule that a peer breaks.</summary>
/// <param name="Name">What the peer does; unique.</param>
/// <param name="Rule">Where the rule is.</param>
/// <param name="Expected">The code that it gets; null when what it sent is to be dropped.</param>
internal sealed record ViolationCase(string Name, string Rule, QuicError? Expected)
{
    public ViolationStage Stage { get; init; } = ViolationStage.Connected;

    /// <summary>Who receives the violation.</summary>
    public bool ToServer { get; init; } = true;

    /// <summary>The frames of each packet that is sent, in hexadecimal.</summary>
    public string[] Packets { get; init; } = [];

    /// <summary>What the peer does when it is more than packets with frames.</summary>
    public Action<ViolationRun>? Act { get; init; }

    /// <summary>Changes what both sides are made of.</summary>
    public Action<PairSettings>? Configure { get; init; }

    public override string ToString() => Name;
}
