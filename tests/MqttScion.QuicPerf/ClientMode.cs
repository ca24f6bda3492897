using System.Net;
using MqttScion.Quic;

namespace MqttScion.QuicPerf;

/// <summary>One way to measure; <see cref="Run"/> drives the loop.</summary>
internal abstract class ClientMode : ILoopProgram
{
    private readonly Dictionary<(LoopConnection Connection, long StreamId), IClientStream> _streams = [];
    private IPEndPoint _remote = null!;
    private string _name = "";
    private TimeSpan _limit;

    /// <inheritdoc/>
    public virtual TimeSpan? NextTime => null;

    /// <summary>How many connections there are at a time.</summary>
    public virtual int ConnectionCount => 1;

    /// <summary>The loop.</summary>
    protected UdpQuicLoop Loop { get; private set; } = null!;

    /// <summary>Gives the loop and the peer.</summary>
    public void Attach(UdpQuicLoop loop, IPEndPoint remote, string name, TimeSpan limit) =>
        (Loop, _remote, _name, _limit) = (loop, remote, name, limit);

    /// <summary>Changes settings of the engine that the mode needs.</summary>
    public virtual void Configure(QuicOptions options)
    {
    }

    /// <summary>Measures.</summary>
    /// <exception cref="TimeoutException">It took too long.</exception>
    /// <exception cref="IOException">The connection ended, or wrong bytes came.</exception>
    public abstract PerfReport Run();

    /// <inheritdoc/>
    public void OnAccepted(LoopConnection connection) => throw new NotSupportedException("A client accepts nothing.");

    /// <inheritdoc/>
    public virtual void OnEvent(LoopConnection connection, in QuicEvent item, TimeSpan now)
    {
        switch (item.Kind)
        {
            case QuicEventKind.StreamReadable or QuicEventKind.StreamWritable:
                if (_streams.TryGetValue((connection, item.StreamId), out var stream))
                    Pump(connection, stream, item.StreamId, now);
                break;
            case QuicEventKind.StreamReset or QuicEventKind.StreamStopped
                when _streams.ContainsKey((connection, item.StreamId)):
                var what = item.Kind == QuicEventKind.StreamReset ? "reset" : "takes no more of";
                throw new IOException($"The server {what} stream {item.StreamId}, with error code {item.ErrorCode}.");
            case QuicEventKind.Closed when connection.Quic.CloseReason?.Kind != QuicCloseKind.LocalApplication:
                throw new IOException($"The connection ended: {connection.Quic.CloseReason}");
        }
    }

    /// <inheritdoc/>
    public virtual void OnTime(TimeSpan now)
    {
    }

    /// <summary>Runs the loop until something holds.</summary>
    protected void RunUntil(Func<bool> isDone, string what)
    {
        if (!Loop.RunUntil(isDone, _limit))
            throw new TimeoutException($"It took more than {_limit.TotalSeconds} s until {what}.");
    }

    /// <summary>Starts a connection.</summary>
    protected LoopConnection Connect(QuicSessionTicket? ticket = null) => Loop.Connect(_remote, _name, ticket);

    /// <summary>Connects and waits until the server confirmed it; gives the milliseconds that it took.</summary>
    protected LoopConnection ConnectAndWait(out double handshakeMs)
    {
        var start = Loop.Now;
        var connection = Connect();
        RunUntil(() => connection.Quic.IsHandshakeConfirmed, "the handshake was confirmed");
        handshakeMs = (Loop.Now - start).TotalMilliseconds;
        return connection;
    }

    /// <summary>Opens a stream and starts on it.</summary>
    protected void Open(LoopConnection connection, Func<QuicStream, IClientStream> create)
    {
        if (!connection.Quic.TryOpenStream(bidirectional: true, out var stream))
            throw new IOException("The server permits no more streams.");
        var added = create(stream);
        _streams.Add((connection, stream.Id), added);
        Pump(connection, added, stream.Id, Loop.Now);
        Loop.MarkDirty(connection);
    }

    /// <summary>Closes a connection and waits until its peer must know.</summary>
    protected void Close(LoopConnection connection)
    {
        connection.Quic.Close(0, "", Loop.Now);
        Loop.MarkDirty(connection);
        RunUntil(() => connection.Quic.State == QuicConnectionState.Drained, "the connection was closed");
    }

    /// <summary>Asks for the figures of the server; null when it is none of ours.</summary>
    protected Figures? QueryServer(LoopConnection connection)
    {
        DownloadStream? query = null;
        Open(connection, stream => query = new DownloadStream(stream, new StreamCommand(StreamCommand.Query, 0)));
        RunUntil(() => query!.IsDone, "the server told its figures");
        return Figures.FromJson(query!.Last);
    }

    private void Pump(LoopConnection connection, IClientStream stream, long id, TimeSpan now)
    {
        stream.Pump(now);
        if (stream.IsDone)
            _streams.Remove((connection, id));
        Loop.MarkDirty(connection);
    }
}
