namespace MqttScion.Samples.TransportOnly;

/// <summary>What docs/transport.md shows beside the program; the transport's tests run it.</summary>
internal static class Snippets
{
    public static async Task<ScionQuicConnection> ConnectAsync(string server, string caCert)
    {
        #region connect
        var options = new ScionQuicConnectionOptions
        {
            Server = server, // quic://localhost:4433, for example.
            ApplicationProtocol = "echo",
            MaxUnidirectionalStreams = 10, // What the peer may open; none unless told otherwise.
            MaxWaitingDatagrams = 100, // Without this, no datagrams.
        };
        options.Tls.TrustedCertificates = caCert;
        var connection = await ScionQuicConnection.ConnectAsync(options);
        #endregion
        return connection;
    }

    public static ScionQuicListener Listen(string certificate, string key)
    {
        #region listen
        var options = new ScionQuicListenerOptions
        {
            Listen = "127.0.0.1:0", // On SCION, [2-ff00:0:211,10.0.0.2]:4433 for example.
            ApplicationProtocol = "echo",
            RequireClientCertificate = false,
            MaxWaitingDatagrams = 100,
        };
        (options.Tls.Certificate, options.Tls.Key) = (certificate, key);
        var listener = ScionQuicListener.Start(options);
        #endregion
        return listener;
    }

    public static async Task ServeAsync(ScionQuicListener listener, CancellationToken cancellation)
    {
        while (true)
        {
            _ = ServeAsync(await listener.AcceptConnectionAsync(cancellation));
        }
    }

    #region accept
    private static async Task ServeAsync(ScionQuicConnection connection)
    {
        try
        {
            while (true)
            {
                _ = EchoAsync(await connection.AcceptStreamAsync());
            }
        }
        catch (QuicConnectionException e)
        {
            Console.WriteLine(e.Message); // The client went: whether in order, e.Close tells.
            await connection.DisposeAsync();
        }
    }

    private static async Task EchoAsync(ScionQuicStream stream)
    {
        await stream.Input.CopyToAsync(stream.Output);
        await stream.Output.CompleteAsync();
    }
    #endregion

    public static async Task<string> AskAsync(ScionQuicConnection connection, CancellationToken cancellation)
    {
        #region ask
        await using var stream = await connection.OpenStreamAsync(cancellationToken: cancellation);
        await stream.WriteAsync("hello"u8.ToArray(), cancellation);
        stream.CompleteWrites(); // The peer sees the end of the stream.
        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync(cancellation);
        #endregion
        return answer;
    }

    public static async Task<byte[]> ExchangeAsync(
        ScionQuicConnection connection, ScionQuicConnection peer, CancellationToken cancellation)
    {
        #region datagrams
        var isOnItsWay = connection.TrySendDatagram("21.5"u8); // At most MaxDatagramBytes; false: nothing was sent.
        var datagram = await peer.ReceiveDatagramAsync(cancellation);
        #endregion
        return isOnItsWay ? datagram.ToArray() : [];
    }

    public static async Task<string> CloseAsync(ScionQuicConnection connection, ScionQuicConnection peer)
    {
        #region close
        await connection.CloseAsync(errorCode: 16, "going home"); // Abort would not wait for what was completed.
        var reason = await peer.Ended; // Does not fail: it is why.
        var text = reason is QuicConnectionException { Close: var close } ? $"{close.ErrorCode}: {close.Reason}" : "";
        #endregion
        return text;
    }

    public static IDisposable Watch(ScionQuicConnection connection, Action<string> log)
    {
        #region observe
        var states = connection.States.Subscribe(state => log($"{state}"));
        var paths = connection.Paths.SelectedPaths().Subscribe(path => log($"now over {path}"));
        var trips = connection.Statistics.Subscribe(each => log($"round trip {each.Quic.SmoothedRtt}"));
        #endregion
        return new System.Reactive.Disposables.CompositeDisposable(states, paths, trips);
    }
}
