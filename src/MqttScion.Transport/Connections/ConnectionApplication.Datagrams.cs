using System.Threading.Channels;
using MqttScion.Udp;

namespace MqttScion.Transport;

/// <content>Unreliable datagrams (RFC 9221).</content>
internal sealed partial class ConnectionApplication
{
    private const int MaxPostedDatagrams = 256;

    private readonly Channel<byte[]>? _datagrams = options.MaxWaitingDatagrams == 0 ? null
        : Channel.CreateBounded<byte[]>(new BoundedChannelOptions(options.MaxWaitingDatagrams)
        {
            FullMode = BoundedChannelFullMode.DropWrite,
            SingleWriter = true,
        });

    private int _maxDatagramBytes;
    private int _postedDatagrams;

    /// <summary>The datagrams that came and nobody has taken; null when none are wanted. Any thread.</summary>
    public ChannelReader<byte[]>? Datagrams => _datagrams?.Reader;

    /// <summary>How long a datagram may be now; 0 when the peer takes none. Any thread.</summary>
    public int MaxDatagramBytes => Volatile.Read(ref _maxDatagramBytes);

    /// <summary>
    /// Sends a datagram, which arrives whole or not at all. False when it is too long, too many wait or the connection
    /// is over. Callable from any thread.
    /// </summary>
    public bool TrySendDatagram(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length > MaxDatagramBytes)
        {
            return false;
        }
        if (Interlocked.Increment(ref _postedDatagrams) <= MaxPostedDatagrams
            && _connection!.Post(new DatagramWork(this, datagram.ToArray())))
        {
            return true;
        }
        Interlocked.Decrement(ref _postedDatagrams);
        return false;
    }

    private void NoteDatagramSize()
    {
        if (_datagrams is not null)
        {
            Volatile.Write(ref _maxDatagramBytes, _closed is null ? _connection!.Quic.MaxDatagramPayloadBytes : 0);
        }
    }

    private void TakeDatagrams()
    {
        Span<byte> buffer = stackalloc byte[DatagramLimits.MaxFrameBytes];
        while (_connection!.Quic.TryReceiveDatagram(buffer, out var length))
        {
            if (length <= buffer.Length)
            {
                _datagrams?.Writer.TryWrite(buffer[..length].ToArray());
            }
        }
    }

    private void EndDatagrams()
    {
        Volatile.Write(ref _maxDatagramBytes, 0);
        _datagrams?.Writer.TryComplete(_closed);
    }

    private sealed record DatagramWork(ConnectionApplication Owner, byte[] Datagram) : ILoopWork
    {
        public void Run(TimeSpan now)
        {
            Interlocked.Decrement(ref Owner._postedDatagrams);
            // What the engine does not take is lost, as on the way.
            Owner._connection!.Quic.TrySendDatagram(Datagram);
            Owner._connection.MarkDirty();
        }
    }
}
