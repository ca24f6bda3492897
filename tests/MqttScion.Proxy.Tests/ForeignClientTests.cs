using MqttScion.Proxy.Tests.Support;
using MqttScion.Testnet;

namespace MqttScion.Proxy.Tests;

/// <summary>An MQTT stack that is not ours, on <see cref="ScionQuicTransport"/>.</summary>
public sealed class ForeignClientTests
{
    [Fact]
    public async Task Raw_CONNECT_through_the_pipe_is_answered_by_CONNACK()
    {
        await using var broker = await PocketBroker.StartAsync();
        await using var world = new SameAsWorld(broker.EndPoint.ToString());
        await using var transport = await ScionQuicTransport.ConnectAsync(world.TransportOptions());
        // CONNECT, MQTT 5, clean start, keep-alive 60 s, no properties, client identifier "raw".
        byte[] connect =
        [
            0x10, 0x10, 0x00, 0x04, (byte)'M', (byte)'Q', (byte)'T', (byte)'T', 0x05, 0x02, 0x00, 0x3c, 0x00,
            0x00, 0x03, (byte)'r', (byte)'a', (byte)'w',
        ];

        await transport.Output.WriteAsync(connect);
        var answer = await transport.Input.ReadAtLeastAsync(4).AsTask().WaitAsync(TimeSpan.FromSeconds(10));

        answer.Buffer.FirstSpan[0].Should().Be(0x20, "CONNACK is packet type 2");
        answer.Buffer.FirstSpan[3].Should().Be(0x00, "the reason code is Success");
        transport.Path!.IsLocal.Should().BeTrue();
    }
}
