namespace MqttScion.Quic.Tests;

/// <summary>What a test wants in a leaf certificate.</summary>
internal sealed record TestLeaf
{
    public string CommonName { get; init; } = "leaf";

    public string[] DnsNames { get; init; } = [];

    public string[] IpAddresses { get; init; } = [];

    /// <summary>The OIDs of extended key usage; none leaves the extension out.</summary>
    public string[] Purposes { get; init; } = [];

    public TimeSpan ValidFrom { get; init; } = TimeSpan.FromHours(-1);

    public TimeSpan ValidUntil { get; init; } = TimeSpan.FromHours(1);
}
