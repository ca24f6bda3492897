using System.IO.Pipelines;

namespace MqttScion.Testnet;

/// <summary>A client's connection of several streams, with the conventions of EMQX for MQTT over QUIC.</summary>
/// <remarks>
/// The first stream is the control stream, with CONNECT, PINGREQ, AUTH and DISCONNECT; its end is the end of all.
/// Later ones are data streams, which carry PUBLISH to UNSUBACK. What comes on them before the client is accepted waits
/// unread. The messages of a subscription leave on the stream of its SUBSCRIBE. A data stream that ends takes its
/// subscriptions and what is in flight on it along, and leaves the others alone.
/// </remarks>
public sealed class PocketBrokerConnection
{
    private readonly PocketBroker _broker;
    private readonly TaskCompletionSource<BrokerConnection> _control =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal PocketBrokerConnection(PocketBroker broker) => _broker = broker;

    /// <summary>Serves the first stream until the connection ends: whoever owns that closes it then.</summary>
    /// <exception cref="InvalidOperationException">The connection has a control stream.</exception>
    public Task ServeControlStreamAsync(IDuplexPipe stream, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var control = _broker.Make(stream);
        _control.SetResult(control);
        return _broker.ServeAsync(control, cancellationToken);
    }

    /// <summary>Serves a further stream until it ends; it may come before the first. One beyond
    /// <see cref="PocketBrokerOptions.MaximumDataStreams"/> is completed with an error at once.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="ended">Ends with the connection, which may never have a control stream.</param>
    public async Task ServeDataStreamAsync(IDuplexPipe stream, Task ended)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (await Task.WhenAny(_control.Task, ended).ConfigureAwait(false) == ended)
        {
            await stream.Input.CompleteAsync().ConfigureAwait(false);
            await stream.Output.CompleteAsync().ConfigureAwait(false);
            return;
        }
        var control = await _control.Task.ConfigureAwait(false);
        await _broker.ServeStreamAsync(_broker.Make(stream, control)).ConfigureAwait(false);
    }
}
