namespace MqttScion.Quic;

/// <summary>Takes the qlog trace of one connection: the owner's file, or whatever it is kept in.</summary>
/// <remarks>
/// Called on the thread that drives the connection, which it must not hold up: whoever writes to a disk queues the
/// bytes. A sink that fails, or even throws, ends its trace and nothing else.
/// </remarks>
public interface IQlogSink
{
    /// <summary>Our address, as text for people; null when it is not to be in the trace.</summary>
    string? LocalAddress => null;

    /// <summary>The peer's address, as text for people; null when it is not to be in the trace.</summary>
    string? RemoteAddress => null;

    /// <summary>
    /// Takes whole records of a JSON text sequence (RFC 7464); the bytes are good during the call only. False ends the
    /// trace: <see cref="Complete"/> follows, and the connection goes on without.
    /// </summary>
    bool TryWrite(ReadOnlySpan<byte> records);

    /// <summary>The trace is over; called once, also when it failed.</summary>
    void Complete();
}
