using System.Text.Json;

namespace MqttScion.Quic;

/// <summary>
/// What happens on one connection, as qlog events: version 0.3 of the main schema (draft-ietf-quic-qlog-main-schema-05)
/// with the names of draft-ietf-quic-qlog-quic-events-04, as a JSON text sequence (RFC 7464). That is what qvis reads.
/// </summary>
/// <remarks>
/// Neither what streams and CRYPTO frames carry is in it, nor keys, nor tokens. The engine sets the time with
/// <see cref="At"/> wherever it is entered; each record has the time of that.
/// </remarks>
internal sealed partial class QlogTrace : IDisposable
{
    private const byte RecordSeparator = 0x1e;
    private const int FlushBytes = 8 * 1024;

    private static readonly TimeSpan FlushInterval = TimeSpan.FromSeconds(1);

    private readonly IQlogSink _sink;
    private readonly EventQueue _events;
    private readonly bool _isServer;
    private readonly TimeSpan _startedAt;
    private readonly QlogBuffer _buffer = new();
    private readonly Utf8JsonWriter _json;
    private TimeSpan _now;
    private TimeSpan _flushedAt;
    private bool _isOver;

    private QlogTrace(IQlogSink sink, bool isServer, EventQueue events, TimeSpan now)
    {
        _sink = sink;
        _events = events;
        _isServer = isServer;
        _startedAt = _now = _flushedAt = now;
        _json = new Utf8JsonWriter(_buffer, new JsonWriterOptions { SkipValidation = true });
    }

    /// <summary>Begins a trace; null when the owner wants none of this connection.</summary>
    public static QlogTrace? Start(
        QuicOptions options,
        ConnectionId originalId,
        bool isServer,
        byte[] peerAddress,
        EventQueue events,
        TimeSpan now)
    {
        if (options.Qlog is not { } open)
            return null;
        var id = originalId.ToString();
        IQlogSink? sink;
        try
        {
            sink = open(new QlogConnection(id, isServer, peerAddress));
        }
        catch (Exception)
        {
            // The owner's code, which may throw anything: a trace that can't begin must not end the connection.
            events.Add(new QuicEvent(QuicEventKind.QlogFailed));
            return null;
        }

        if (sink is null)
            return null;
        var trace = new QlogTrace(sink, isServer, events, now);
        trace.WriteHeader(id, options.ClockOrigin + now);
        return trace;
    }

    /// <summary>What follows happens at this time.</summary>
    public void At(TimeSpan now) => _now = now > _now ? now : _now;

    /// <summary>Ends the trace: everything goes to the sink, which is completed.</summary>
    public void Dispose()
    {
        if (_isOver)
            return;
        Flush();
        Stop();
    }

    // The reference time is a number of milliseconds since the Unix epoch.
    private void WriteHeader(string originalId, DateTimeOffset referenceTime)
    {
        _buffer.Add(RecordSeparator);
        _json.WriteStartObject();
        _json.WriteString("qlog_version"u8, "0.3"u8);
        _json.WriteString("qlog_format"u8, "JSON-SEQ"u8);
        _json.WriteString("title"u8, "MqttScion"u8);
        _json.WriteStartObject("trace"u8);
        _json.WriteStartObject("vantage_point"u8);
        _json.WriteString("name"u8, "MqttScion"u8);
        _json.WriteString("type"u8, _isServer ? "server"u8 : "client"u8);
        _json.WriteEndObject();
        _json.WriteStartObject("common_fields"u8);
        _json.WriteString("ODCID"u8, originalId);
        _json.WriteString("group_id"u8, originalId);
        _json.WriteStartArray("protocol_type"u8);
        _json.WriteStringValue("QUIC"u8);
        _json.WriteEndArray();
        _json.WriteString("time_format"u8, "relative"u8);
        _json.WriteNumber("reference_time"u8, Round((referenceTime - DateTimeOffset.UnixEpoch).TotalMilliseconds));
        _json.WriteEndObject();
        _json.WriteEndObject();
        _json.WriteEndObject();
        EndRecord();
    }

    /// <summary>Begins an event; its data follows, then <see cref="End"/>. False when the trace is over.</summary>
    private bool Begin(ReadOnlySpan<byte> name, NetworkPath? path = null)
    {
        if (_isOver)
            return false;
        _buffer.Add(RecordSeparator);
        _json.Reset();
        _json.WriteStartObject();
        _json.WriteNumber("time"u8, Round((_now - _startedAt).TotalMilliseconds));
        _json.WriteString("name"u8, name);
        // As in later versions of the schema: left out on the first path, which is most often the only one.
        if (path is not null && path.Id != _firstPathId)
            WriteDigits("path"u8, path.Id);
        _json.WriteStartObject("data"u8);
        return true;
    }

    private void End()
    {
        _json.WriteEndObject();
        _json.WriteEndObject();
        EndRecord();
        if (_buffer.Length >= FlushBytes || _now - _flushedAt >= FlushInterval)
            Flush();
    }

    private void EndRecord()
    {
        _json.Flush();
        _buffer.Add((byte)'\n');
    }

    private void Flush()
    {
        _flushedAt = _now;
        if (_buffer.Length == 0)
            return;
        bool isTaken;
        try
        {
            isTaken = _sink.TryWrite(_buffer.Written);
        }
        catch (Exception)
        {
            // The owner's code, which may throw anything: the connection is worth more than its trace.
            isTaken = false;
        }

        _buffer.Clear();
        if (isTaken)
            return;
        _events.Add(new QuicEvent(QuicEventKind.QlogFailed));
        Stop();
    }

    private void Stop()
    {
        if (_isOver)
            return;
        _isOver = true;
        try
        {
            _sink.Complete();
        }
        catch (Exception)
        {
            // As above; the trace is over in either case.
            _events.Add(new QuicEvent(QuicEventKind.QlogFailed));
        }

        _json.Dispose();
        _buffer.Dispose();
    }

    // Microseconds are what timers are good for.
    private static double Round(double milliseconds) => Math.Round(milliseconds, 3);

    private void WriteMilliseconds(ReadOnlySpan<byte> name, TimeSpan span) =>
        _json.WriteNumber(name, Round(span.TotalMilliseconds));

    private void WriteDigits(ReadOnlySpan<byte> name, int value)
    {
        Span<byte> digits = stackalloc byte[16];
        value.TryFormat(digits, out var length);
        _json.WriteString(name, digits[..length]);
    }

    private void WriteHex(ReadOnlySpan<byte> name, ReadOnlySpan<byte> bytes)
    {
        Span<byte> digits = stackalloc byte[2 * ConnectionId.MaxLength];
        Convert.TryToHexStringLower(bytes[..Math.Min(bytes.Length, ConnectionId.MaxLength)], digits, out var length);
        _json.WriteString(name, digits[..length]);
    }

    private void WriteId(ReadOnlySpan<byte> name, ConnectionId id)
    {
        Span<byte> bytes = stackalloc byte[ConnectionId.MaxLength];
        WriteHex(name, bytes[..id.CopyTo(bytes)]);
    }
}
