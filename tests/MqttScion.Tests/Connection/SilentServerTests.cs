using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using MqttScion.Proxy.Tests.Support;
using MqttScion.Scion;
using MqttScion.Tests.Support;

namespace MqttScion.Tests.Connection;

/// <summary>A server that does not answer says nothing about the path to it.</summary>
public sealed class SilentServerTests : ScriptedBrokerTests
{
    [Fact]
    public async Task Handshake_without_an_answer_is_not_told_as_a_path_that_is_down()
    {
        using var silent = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var server = $"[{SameAsWorld.IsdAs},127.0.0.1]:{((IPEndPoint)silent.Client.LocalEndPoint!).Port}";
        using var loggers = new ListLoggers();
        var options = World.ClientOptions("c");
        options.Servers.Clear();
        options.Servers.Add(server);
        options.HandshakeTimeout = TimeSpan.FromMilliseconds(100);
        await using var client = new ScionMqttClient(options, loggers);
        var paths = client.Paths.Collect();

        await FluentActions.Awaiting(() => client.ConnectAsync().WaitAsync(Patience))
            .Should().ThrowAsync<QuicConnectionException>();

        var told = await paths.NextAsync<PathEvent, PathEvent.Unanswered>();
        told.Why.Should().Be($"no answer from {server}");
        while (paths.TryRead(out var more))
        {
            more.Should().NotBeOfType<PathEvent.Down>();
        }
        loggers.At(LogLevel.Error).Should().BeEmpty("the caller has the exception");
    }
}
