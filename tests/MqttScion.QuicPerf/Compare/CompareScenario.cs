namespace MqttScion.QuicPerf;

/// <summary>What is downloaded, and over what.</summary>
/// <param name="Name">The name in the results.</param>
/// <param name="Bytes">The length of a download.</param>
/// <param name="WarmupBytes">How much a client that is compiled as it runs downloads before.</param>
/// <param name="Rounds">How often each contender downloads.</param>
/// <param name="LossPercent">How many datagrams of 100 are dropped, in each direction.</param>
/// <param name="DelayMs">By how much each datagram is delayed, one way.</param>
internal sealed record CompareScenario(
    string Name, long Bytes, long WarmupBytes, int Rounds, double LossPercent, double DelayMs)
{
    /// <summary>True when datagrams go through a relay.</summary>
    public bool HasRelay => LossPercent > 0 || DelayMs > 0;
}
