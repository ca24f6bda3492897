namespace MqttScion.QuicPerf;

/// <summary>A scenario with what all contenders did in it.</summary>
internal sealed record CompareResult(CompareScenario Scenario, IReadOnlyList<CompareFigures> Contenders);
