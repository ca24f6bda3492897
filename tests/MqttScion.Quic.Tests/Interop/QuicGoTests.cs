namespace MqttScion.Quic.Tests;

/// <summary>
/// Tests with quic-go share its program and run one at a time, so that they don't slow each other down.
/// </summary>
[CollectionDefinition(Name)]
public sealed class QuicGoTests : ICollectionFixture<QuicGo>
{
    public const string Name = "quic-go";
}
