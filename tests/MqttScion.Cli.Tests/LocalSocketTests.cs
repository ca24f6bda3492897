using System.Net;
using MqttScion.Scion;

namespace MqttScion.Cli.Tests;

public sealed class LocalSocketTests
{
    [Fact]
    public void As_that_dispatches_no_ports_is_probed_from_a_free_port()
    {
        var local = new LocalAs(IsdAs.Parse("1-ff00:0:110")) { DispatchedPorts = default(PortRange) };

        using var socket = LocalSocket.Open(local, bind: null, new IPEndPoint(IPAddress.Loopback, 30001));

        socket.LocalEndPoint.Port.Should().NotBe(0);
    }
}
