using MqttScion.Mqtt;
using MqttScion.Proxy.Tests.Support;
using MqttScion.Scion;
using MqttScion.Testnet;

namespace MqttScion.Proxy.Tests;

/// <summary>A client whose border router sees another address than its own.</summary>
public sealed class NatTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private PocketBroker _broker = null!;

    public async Task InitializeAsync() => _broker = await PocketBroker.StartAsync();

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [Fact]
    public async Task Client_behind_a_NAT_connects_with_its_address_mapped_by_STUN()
    {
        await using var world = await EmulatedWorld.StartAsync(_broker.EndPoint.ToString());
        var options = world.ClientOptions("behind-nat");
        using var endhost = new EndhostApiPathSource(new EndhostApiOptions { Url = options.Scion.EndhostApi });
        using var source = new NatPathSource(endhost);
        options.Scion.PathSource = source;
        options.Scion.ProbeInterval = null;
        options.Scion.UseStun = true;
        await using var client = new ScionMqttClient(options);

        ProxySession? session = null;
        using var sessions = world.Proxy!.Sessions.Subscribe(each => Volatile.Write(ref session, each));
        await client.ConnectAsync().WaitAsync(Limit);
        var result = await client
            .PublishAsync(new MqttApplicationMessageBuilder()
                .WithTopic("plant/1/temp")
                .WithPayload("21.5")
                .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
                .Build())
            .AsTask()
            .WaitAsync(Limit);

        result.IsSuccess.Should().BeTrue();
        Volatile.Read(ref session)!.Client.Port.Should().Be(source.Relays[0].OutsidePort);
    }
}
