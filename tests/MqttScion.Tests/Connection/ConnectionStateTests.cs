namespace MqttScion.Tests.Connection;

public sealed class ConnectionStateTests
{
    [Fact]
    public void States_are_one_line_without_a_stack()
    {
        var error = Thrown();
        ConnectionState[] states =
        [
            new ConnectionState.Disconnected(error),
            new ConnectionState.Connecting(2) { Delay = TimeSpan.FromTicks(5_769_993), Cause = error },
            new ConnectionState.Connected(Path: null, SessionPresent: true),
            new ConnectionState.Reconnecting(3, TimeSpan.FromSeconds(30), error),
        ];

        states.Select(state => $"{state}").Should().Equal(
            "Disconnected { Reason = IOException: torn }",
            "Connecting { Attempt = 2, Delay = 0.58 s, Cause = IOException: torn }",
            "Connected { Path = , SessionPresent = True, DataStreams = 0 }",
            "Reconnecting { Attempt = 3, Delay = 30 s, Cause = IOException: torn, SameCauseCount = 1 }");
    }

    private static IOException Thrown()
    {
        try
        {
            throw new IOException("torn");
        }
        catch (IOException e)
        {
            return e;
        }
    }
}
