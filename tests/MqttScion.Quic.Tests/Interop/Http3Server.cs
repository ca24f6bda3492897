namespace MqttScion.Quic.Tests;

/// <summary>Answers the first request of each connection with the same content, whatever the path.</summary>
internal sealed class Http3Server
{
    private readonly UdpDriver _driver;
    private readonly byte[] _response;
    private readonly byte[] _buffer = new byte[4096];

    public Http3Server(UdpDriver driver, byte[] content)
    {
        _driver = driver;
        _response = Http3.Response(content);
        driver.OnTurn = Pump;
    }

    private void Pump()
    {
        foreach (var connection in _driver.Endpoint.Connections)
        {
            if (connection.State == QuicConnectionState.Connected && connection.TryGetStream(0, out var stream))
                Answer(connection, stream);
        }
    }

    private void Answer(QuicConnection connection, QuicStream stream)
    {
        while (stream.Read(_buffer) > 0)
        {
        }

        if (connection.Owner is null && stream.IsReadFinished)
        {
            Http3Client.OpenControlStream(connection);
            connection.Owner = new MemoryStream(_response, 0, _response.Length, false, publiclyVisible: true);
        }

        if (connection.Owner is not MemoryStream rest)
            return;
        rest.Position += stream.Write(rest.GetBuffer().AsSpan((int)rest.Position));
        if (rest.Position == rest.Length)
            stream.Finish();
    }
}
