namespace MqttScion.Simulation;

/// <summary>One stream that an application opens.</summary>
/// <param name="FromServer">Who opens it.</param>
/// <param name="IsBidirectional">Whether the other side sends as well.</param>
/// <param name="Bytes">What the opener sends.</param>
/// <param name="AnswerBytes">What the other side sends on a bidirectional stream.</param>
/// <param name="ResetAt">After how many bytes the opener resets it, or null.</param>
/// <param name="StopAt">After how many bytes the other side wants no more, or null.</param>
/// <param name="OpensAt">When it is opened, from the end of the handshake.</param>
internal sealed record StreamPlan(
    bool FromServer,
    bool IsBidirectional,
    int Bytes,
    int AnswerBytes,
    int? ResetAt,
    int? StopAt,
    TimeSpan OpensAt);
