namespace MqttScion.Quic.Tests;

/// <summary>What tests with our client do again and again.</summary>
internal static class DriverExchange
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Connects and waits until the server has accepted our certificate.</summary>
    public static QuicConnection ConnectConfirmed(this UdpDriver driver, int port)
    {
        var connection = driver.Connect(port);
        driver.RunUntil(() => connection.IsHandshakeConfirmed || connection.CloseReason is not null, "it is confirmed");
        connection.CloseReason.Should().BeNull();
        return connection;
    }

    /// <summary>Waits for a session ticket, and ends the connection.</summary>
    public static QuicSessionTicket TakeTicket(this UdpDriver driver, QuicConnection connection)
    {
        QuicSessionTicket? ticket = null;
        driver.RunUntil(() => connection.TryTakeSessionTicket(out ticket), "a ticket came");
        connection.Close(0, "", driver.Now);
        return ticket!;
    }

    /// <summary>Makes a request of the protocol of tests/interop and gives the answer.</summary>
    public static byte[] Ask(
        this UdpDriver driver, QuicConnection connection, char command, byte[] body, ulong number = 0)
    {
        var request = new StreamRequest(connection, command, number, body);
        driver.OnTurn = request.Pump;
        driver.RunUntil(() => request.IsAnswered || connection.CloseReason is not null, "it is answered", Limit);
        connection.CloseReason.Should().BeNull();
        return request.Answer.ToArray();
    }

    /// <summary>Asks for the bytes back and checks them.</summary>
    public static void Echo(this UdpDriver driver, QuicConnection connection, int length)
    {
        var data = Transfer.RandomBytes(length, seed: length);
        driver.Ask(connection, 'e', data).AsSpan().SequenceEqual(data).Should().BeTrue();
    }
}
