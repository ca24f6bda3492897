namespace MqttScion.Quic.Tests;

/// <summary>Our side of the small protocol of tests/interop: serves all connections of a driver.</summary>
internal sealed class CommandServer
{
    private readonly UdpDriver _driver;
    private readonly Dictionary<(QuicConnection Connection, long StreamId), CommandStream> _streams = [];
    private readonly byte[] _datagram = new byte[UdpDriver.DefaultDatagramBytes];
    private int _eventCount;

    public CommandServer(UdpDriver driver)
    {
        _driver = driver;
        driver.OnTurn = Pump;
    }

    private void Pump()
    {
        for (; _eventCount < _driver.Events.Count; _eventCount++)
        {
            var (connection, item) = _driver.Events[_eventCount];
            if (item.Kind == QuicEventKind.StreamOpened && connection.TryGetStream(item.StreamId, out var stream))
                _streams.Add((connection, item.StreamId), new CommandStream(connection, stream));
            else if (item.Kind == QuicEventKind.DatagramReceived)
                ReturnDatagrams(connection);
        }

        foreach (var (key, stream) in _streams)
        {
            stream.Pump(_driver.Now);
            if (!key.Connection.TryGetStream(key.StreamId, out _))
                _streams.Remove(key);
        }
    }

    private void ReturnDatagrams(QuicConnection connection)
    {
        while (connection.TryReceiveDatagram(_datagram, out var length))
            connection.TrySendDatagram(_datagram.AsSpan(0, length)).Should().BeTrue();
    }
}
