namespace MqttScion.Transport;

/// <summary>How a connection gives its streams and datagrams out.</summary>
/// <param name="Remote">The peer, for error texts.</param>
/// <param name="BufferBytes">How many bytes each direction of a stream buffers before it pushes back.</param>
/// <param name="MaxWaitingStreams">How many streams of the peer may wait to be accepted: as many as it may have open.
/// </param>
/// <param name="MaxWaitingDatagrams">How many datagrams wait to be taken; further ones are dropped. 0: none are
/// wanted.</param>
/// <param name="Statistics">Where the connection's statistics go; completed with the connection.</param>
internal sealed record ConnectionApplicationOptions(
    ServerAddress Remote,
    int BufferBytes = 256 * 1024,
    int MaxWaitingStreams = 16,
    int MaxWaitingDatagrams = 0,
    StatisticsFeed? Statistics = null);
