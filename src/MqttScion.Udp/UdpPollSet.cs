using System.Diagnostics;

namespace MqttScion.Udp;

/// <summary>Waits for datagrams on several sockets at once, and for a wake-up call.</summary>
/// <remarks>One thread waits; <see cref="Wake"/> may be called by any thread. Does not own the sockets.</remarks>
public sealed class UdpPollSet : IDisposable
{
    private readonly IUdpPoller _poller;
    private bool[] _isReadable;
    private int _isWoken;

    /// <summary>Makes a set of sockets, which keep the order in which they are given.</summary>
    public UdpPollSet(params BatchedUdpSocket[] sockets)
    {
        ArgumentNullException.ThrowIfNull(sockets);
        _isReadable = new bool[sockets.Length];
        _poller = Array.TrueForAll(sockets, static s => s.IsNative) && UdpNative.IsSupported
            ? new NativeUdpPoller(sockets)
            : new SelectUdpPoller(sockets);
    }

    /// <summary>Adds a socket, as the last one; by the thread that waits.</summary>
    public void Add(BatchedUdpSocket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        _poller.Add(socket);
        Array.Resize(ref _isReadable, _isReadable.Length + 1);
    }

    /// <inheritdoc/>
    public void Dispose() => _poller.Dispose();

    /// <summary>Blocks this thread until a socket is readable, <see cref="Wake"/> is called, or time is up.</summary>
    /// <param name="timeout">The longest wait; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</param>
    /// <returns>False when time is up. True may be spurious.</returns>
    public bool Wait(TimeSpan timeout)
    {
        Debug.Assert(timeout >= TimeSpan.Zero || timeout == Timeout.InfiniteTimeSpan, "A wait is not negative.");
        var isReady = _poller.Wait(timeout, _isReadable, out var isWoken);
        if (isWoken)
        {
            // Cleared before the caller looks at what it was woken for: a call from now on wakes the next wait.
            _poller.ClearWake();
            Interlocked.Exchange(ref _isWoken, 0);
        }
        return isReady;
    }

    /// <summary>True when the last <see cref="Wait"/> found a datagram, or an error, on that socket.</summary>
    public bool IsReadable(int index) => _isReadable[index];

    /// <summary>Ends a <see cref="Wait"/>, this one or the next. Any thread may call it.</summary>
    public void Wake()
    {
        if (Interlocked.Exchange(ref _isWoken, 1) == 0)
            _poller.SetWake();
    }
}
