namespace MqttScion.Mqtt;

/// <summary>Data streams: further streams of one network connection, such as QUIC has them.</summary>
public sealed partial class MqttSession
{
    private MqttStreamGroup? _group;

    private MqttSession(MqttSession control)
        : this(control._options with { Inflight = null, OutgoingTopicAliasMaximum = 0, FirstPacketId = 1 })
    {
        IsDataStream = true;
        State = MqttSessionState.Connected;
        ConnectResult = control.ConnectResult;
        _lastSent = _lastReceived = control._lastSent;
        _keepAlivePeriod = TimeSpan.Zero;
        _group = control._group;
    }

    /// <summary>True when <see cref="OpenDataStream"/> made it.</summary>
    public bool IsDataStream { get; }

    /// <summary>How many publishes of this connection, on all of its streams, use up the server's Receive Maximum.
    /// </summary>
    private int SentPublishCount => _group?.SentPublishCount ?? _inflight.SentPublishCount;

    /// <summary>Makes the engine of a further stream of this connection. This session is its control stream.</summary>
    /// <remarks>
    /// <para>As EMQX has it: a data stream carries the packet types 3 to 11 (PUBLISH to UNSUBACK), each answer on the
    /// stream of what it answers, and the messages of a subscription on the stream of its SUBSCRIBE. Packet identifiers
    /// and the server's topic aliases are the stream's own; it is given no alias by itself. Order holds within a
    /// stream. There is no CONNECT, PINGREQ or DISCONNECT on it, nor a timer: the control stream's keep-alive watches
    /// over all.</para>
    /// <para>The publishes in flight of all streams together stay within the server's Receive Maximum, so that a call
    /// on one stream may leave output on another. Ours holds for each stream by itself, as servers count it: with
    /// <c>n</c> data streams a server can make the sessions hold <c>n + 1</c> times what one does.</para>
    /// <para>A data stream that ends, by <see cref="OnTransportClosed"/>, <see cref="Disconnect"/> or a broken rule,
    /// leaves the others alone; it writes no DISCONNECT. Nothing of it outlives it at the server: subscribe and publish
    /// anew. It ends with the control stream.</para>
    /// </remarks>
    /// <exception cref="InvalidOperationException">The session is not connected, or is a data stream itself.
    /// </exception>
    public MqttSession OpenDataStream()
    {
        if (State != MqttSessionState.Connected || IsDataStream)
        {
            throw new InvalidOperationException(IsDataStream
                ? "The control stream opens data streams, not a data stream."
                : $"The session is {State}; it must be Connected.");
        }
        _group ??= new MqttStreamGroup(this);
        var stream = new MqttSession(this);
        _group.Add(stream);
        return stream;
    }

    /// <summary>What an answer has freed is used by this stream, or by those of the connection in turn.</summary>
    private void UseCredit(TimeSpan now)
    {
        if (_group is null)
        {
            SendWaiting(now);
        }
        else
        {
            _group.SendWaiting(now);
        }
    }

    private void LeaveGroup(string reason)
    {
        if (IsDataStream)
        {
            _group!.Remove(this, _lastSent);
        }
        else
        {
            _group?.End(reason);
        }
    }
}
