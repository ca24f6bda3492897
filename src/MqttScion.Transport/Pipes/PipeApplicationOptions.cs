namespace MqttScion.Transport;

/// <summary>How a connection's stream becomes a pipe.</summary>
/// <param name="OpensStream">True to open the stream, false to take the first one that the peer opens.</param>
/// <param name="RequiresPeerCertificate">True to close with 0x100 when the peer presented no certificate.</param>
/// <param name="Remote">The peer, for error texts.</param>
/// <param name="BufferBytes">How many bytes each direction buffers before it pushes back.</param>
/// <param name="FirstStreamTimeout">How long the peer may take to open the stream once its handshake is done, until the
/// connection is closed with 0x105; null for ever.</param>
/// <param name="Statistics">Where the connection's statistics go; completed with the connection.</param>
/// <param name="OnFurtherStream">Takes each bidirectional stream that the peer opens after the first, with its id;
/// called on the loop. Null leaves them alone.</param>
internal sealed record PipeApplicationOptions(
    bool OpensStream,
    bool RequiresPeerCertificate,
    ServerAddress Remote,
    int BufferBytes = 256 * 1024,
    TimeSpan? FirstStreamTimeout = null,
    StatisticsFeed? Statistics = null,
    Action<long, StreamPipe>? OnFurtherStream = null);
