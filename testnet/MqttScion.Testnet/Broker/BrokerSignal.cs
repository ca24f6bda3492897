using System.Threading.Channels;

namespace MqttScion.Testnet;

/// <summary>Wakes one waiter; signals that nobody waits for become one.</summary>
internal sealed class BrokerSignal
{
    private readonly Channel<bool> _channel =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private bool _isSet;

    public void Set()
    {
        // A signal that the waiter did not take yet is enough: it looks for work after it took it.
        if (!Interlocked.Exchange(ref _isSet, true))
        {
            _channel.Writer.TryWrite(true);
        }
    }

    public async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        await _channel.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        Interlocked.Exchange(ref _isSet, false);
    }
}
