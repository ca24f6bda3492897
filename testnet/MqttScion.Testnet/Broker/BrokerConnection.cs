using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using MqttScion.Mqtt;

namespace MqttScion.Testnet;

/// <summary>One client's connection, or one of its data streams beside the control stream: a loop that reads, and a
/// loop that alone writes.</summary>
/// <param name="router">Takes messages to whom they are for.</param>
/// <param name="options">The broker's options.</param>
/// <param name="shared">What all connections share.</param>
/// <param name="transport">The bytes.</param>
/// <param name="control">Of a data stream, its control stream; else null.</param>
internal sealed partial class BrokerConnection(
    BrokerRouter router,
    PocketBrokerOptions options,
    BrokerShared shared,
    IDuplexPipe transport,
    BrokerConnection? control = null) : IDisposable
{
    /// <summary>Reading stops while this many bytes of answers wait for the client.</summary>
    private const int MaximumAnswerBytes = 1 << 20;

    private const int FlushAfterBytes = 64 << 10;
    private const int NotDisconnecting = -1;

    private static readonly TimeSpan _farewellTime = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly MqttPacketWriter _answerWriter = new();
    private readonly MqttByteQueue _answers = new();
    private readonly MqttFrameAssembler _assembler = new(options.MaximumPacketSize);
    private readonly BrokerSignal _work = new();
    private readonly BrokerSignal _answersSent = new();
    private readonly CancellationTokenSource _stop = new();
    private BrokerSession? _session;
    private string? _serverReference;
    private int _disconnectCode = NotDisconnecting;
    private bool _isReadingDone;
    private bool _isWrittenOut;

    public string ClientId { get; private set; } = "";

    public void Dispose() => _stop.Dispose();

    /// <summary>Tells the writing loop that there is something to send.</summary>
    public void Wake() => _work.Set();

    /// <summary>Sends DISCONNECT with the code and ends the connection, within a second.</summary>
    public void Disconnect(MqttDisconnectReasonCode reasonCode, string? serverReference = null)
    {
        lock (_lock)
        {
            if (_disconnectCode != NotDisconnecting)
            {
                return;
            }
            (_disconnectCode, _serverReference) = ((int)reasonCode, serverReference);
        }
        Wake();
        Stop(_farewellTime);
    }

    /// <summary>Ends the connection without a word.</summary>
    public void Drop() => Stop(TimeSpan.Zero);

    /// <summary>Serves the client until its connection ends. Throws nothing that the client can cause.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.Register(Drop);
        if (control is not null && !await TryJoinAsync(control).ConfigureAwait(false))
        {
            await CompleteAsync().ConfigureAwait(false);
            return;
        }
        var writing = WriteLoopAsync(_stop.Token);
        try
        {
            await ReadLoopAsync(_stop.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (IsExpected(e))
        {
            Debug.WriteLine($"Broker: the connection of '{ClientId}' ended: {e.Message}");
        }
        finally
        {
            _isReadingDone = true;
            Wake();
            Stop(_farewellTime);
            await writing.ConfigureAwait(false);
            Leave();
            _answers.Clear();
            await CompleteAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask CompleteAsync()
    {
        await transport.Input.CompleteAsync().ConfigureAwait(false);
        // With an error, so that what a client did not take is not waited for.
        await transport.Output.CompleteAsync(_isWrittenOut ? null : new IOException("The connection was cut."))
            .ConfigureAwait(false);
    }

    // The last two are the ends of a QUIC connection and of its listener.
    private static bool IsExpected(Exception e) => e
        is IOException or OperationCanceledException or System.Net.Sockets.SocketException
        or QuicConnectionException or QuicStreamAbortedException or ObjectDisposedException;

    private void Stop(TimeSpan after)
    {
        try
        {
            _stop.CancelAfter(after);
        }
        catch (ObjectDisposedException)
        {
            Debug.WriteLine($"Broker: the connection of '{ClientId}' had ended before it was to be stopped.");
        }
    }

    /// <summary>Reads and acts on packets until the client, an error or the keep-alive ends it.</summary>
    private async Task ReadLoopAsync(CancellationToken cancellationToken)
    {
        using var silence = control is null
            ? new BrokerSilence(options.TimeProvider, options.ConnectTimeout, OnSilence)
            : null;
        while (true)
        {
            var read = await transport.Input.ReadAsync(cancellationToken).ConfigureAwait(false);
            await shared.Gate.PassAsync(cancellationToken).ConfigureAwait(false);
            foreach (var segment in read.Buffer)
            {
                if (!TryHandle(segment.Span))
                {
                    return;
                }
            }
            transport.Input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted || read.IsCanceled)
            {
                return;
            }
            await WaitForAnswersAsync(cancellationToken).ConfigureAwait(false);
            if (_session is not null)
            {
                silence?.OnHeard(_keepAlive == TimeSpan.Zero ? Timeout.InfiniteTimeSpan : 1.5 * _keepAlive);
            }
        }
    }

    /// <summary>[MQTT-3.1.2-22]: Nothing came within one and a half times the keep-alive; or no CONNECT.</summary>
    private void OnSilence()
    {
        if (shared.Gate.IsClosed)
        {
            return;
        }
        Disconnect(MqttDisconnectReasonCode.KeepAliveTimeout);
        transport.Input.CancelPendingRead();
    }

    /// <summary>Cuts bytes into packets and handles them; false when the connection is to end.</summary>
    private bool TryHandle(ReadOnlySpan<byte> bytes)
    {
        while (true)
        {
            switch (_assembler.TryTake(ref bytes, out var frame, out var fault))
            {
                case MqttFrameStatus.Packet when _disconnectCode != NotDisconnecting:
                    return false;
                case MqttFrameStatus.Packet when !TryHandle(frame, out fault):
                    Refuse(fault);
                    return false;
                case MqttFrameStatus.Packet when _isReadingDone:
                    return false;
                case MqttFrameStatus.Packet:
                    break;
                case MqttFrameStatus.Refused:
                    Refuse(fault);
                    return false;
                default:
                    return true;
            }
        }
    }

    /// <summary>Before CONNACK the fault goes into CONNACK, later into DISCONNECT [MQTT-3.14.0-1].</summary>
    private void Refuse(in MqttReadFault fault)
    {
        if (control is not null)
        {
            control.Disconnect(fault.ReasonCode);
        }
        else if (_session is not null)
        {
            Disconnect(fault.ReasonCode);
        }
        else
        {
            var code = (MqttClientConnectResultCode)fault.ReasonCode;
            RefuseConnect(Enum.IsDefined(code) ? code : MqttClientConnectResultCode.ProtocolError);
        }
    }

    private async ValueTask WaitForAnswersAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            lock (_lock)
            {
                if (_answers.Count < MaximumAnswerBytes)
                {
                    return;
                }
            }
            await _answersSent.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task WriteLoopAsync(CancellationToken cancellationToken)
    {
        var writer = new MqttPacketWriter();
        var batch = new List<BrokerOutgoing>();
        var hasAnswered = false;
        try
        {
            while (true)
            {
                await shared.Gate.PassAsync(cancellationToken).ConfigureAwait(false);
                var isLast = _disconnectCode != NotDisconnecting || _isReadingDone;
                if (_session is { } session)
                {
                    router.SendRetained(session, this);
                }
                var hasMore = WriteSome(writer, batch, isLast, answersOnly: !hasAnswered, out hasAnswered);
                var flushed = await transport.Output.FlushAsync(cancellationToken).ConfigureAwait(false);
                if (isLast || flushed.IsCompleted)
                {
                    _isWrittenOut = true;
                    break;
                }
                if (!hasMore)
                {
                    await _work.WaitAsync(cancellationToken).ConfigureAwait(false);
                }
            }
        }
        catch (Exception e) when (IsExpected(e))
        {
            Debug.WriteLine($"Broker: writing to '{ClientId}' ended: {e.Message}");
        }
        finally
        {
            Stop(TimeSpan.Zero);
        }
    }

    /// <summary>Writes answers first, then messages; true when there may be more.</summary>
    /// <remarks>Under the lock, so that CONNACK and SUBACK come before the messages that they bring about.</remarks>
    /// <param name="writer">Writes messages.</param>
    /// <param name="batch">Scratch.</param>
    /// <param name="isLast">True: only what ends the connection is to follow.</param>
    /// <param name="answersOnly">True: answers leave alone, so that who waits for them can go on while the messages
    /// are still to come. Not twice in a row: a client that is always owed an answer is to get its messages too.
    /// </param>
    /// <param name="hasAnswered">True when answers were written, and nothing else.</param>
    private bool WriteSome(
        MqttPacketWriter writer, List<BrokerOutgoing> batch, bool isLast, bool answersOnly, out bool hasAnswered)
    {
        lock (_lock)
        {
            hasAnswered = answersOnly && _answers.Count > 0 && !isLast;
            if (_answers.Count > 0)
            {
                transport.Output.Write(_answers.Written);
                _answers.Clear();
                _answersSent.Set();
            }
            if (hasAnswered)
            {
                return true;
            }
            if (isLast)
            {
                WriteFarewell(writer);
                return false;
            }
            var bytes = _session?.Outbox.Take(this, batch, FlushAfterBytes) ?? 0;
            foreach (var outgoing in batch)
            {
                Write(writer, outgoing);
            }
            batch.Clear();
            return bytes >= FlushAfterBytes || (bytes > 0 && _session!.Retained.Count > 0);
        }
    }

    private void WriteFarewell(MqttPacketWriter writer)
    {
        if (_disconnectCode == NotDisconnecting || _session is null)
        {
            return;
        }
        MqttProperties? properties = null;
        if (_serverReference is { } reference)
        {
            properties = new MqttProperties();
            properties.Add(MqttPropertyId.ServerReference, reference);
        }
        writer.Write(transport.Output,
            new MqttDisconnectPacket(MqttPacketType.Disconnect, (byte)_disconnectCode, properties));
    }

    private void Write(MqttPacketWriter writer, in BrokerOutgoing outgoing)
    {
        if (outgoing.IsRelease)
        {
            writer.Write(transport.Output, new MqttAckPacket(MqttPacketType.PubRel, outgoing.PacketId));
            return;
        }
        var packet = outgoing.ToPacket();
        if (_aliases.OutgoingMaximum > 0
            && _aliases.Assign(packet.Message.Topic, out var isKnown) is var alias and not 0)
        {
            packet = packet with { TopicAlias = alias, IsTopicOmitted = isKnown };
        }
        writer.Write(transport.Output, packet);
    }
}
