using System.Net.Sockets;

namespace MqttScion.Testnet;

/// <summary>A client's TCP connection, on which what comes is acknowledged at once, where the system lets us.</summary>
/// <remarks>Many clients leave Nagle's algorithm on. Such a one keeps a small packet back until the one before it is
/// acknowledged, and an answer that would carry the acknowledgement does not always follow: to PUBACK there is none.
/// The system waits 40 ms then, for each message.</remarks>
internal sealed class BrokerSocketStream(Socket socket) : NetworkStream(socket, ownsSocket: true)
{
    private const int TcpLevel = 6;
    private const int QuickAcknowledgement = 12;

    /// <summary>More than that fills a segment, and Nagle's algorithm holds back small ones only.</summary>
    private const int SmallBytes = 1024;

    // To be said each time: the system goes back to waiting by itself.
    private static readonly byte[] _on = [1, 0, 0, 0];

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await base.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        if (count is > 0 and < SmallBytes && OperatingSystem.IsLinux())
        {
            Socket.SetRawSocketOption(TcpLevel, QuickAcknowledgement, _on);
        }
        return count;
    }
}
