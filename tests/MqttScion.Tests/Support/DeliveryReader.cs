namespace MqttScion.Tests.Support;

/// <summary>Reads an enumeration of deliveries one by one.</summary>
internal sealed class DeliveryReader : IAsyncDisposable
{
    private readonly IAsyncEnumerator<MqttDelivery> _deliveries;
    private readonly ReaderRecipient? _recipient;

    public DeliveryReader(IAsyncEnumerable<MqttDelivery> deliveries) =>
        _deliveries = deliveries.GetAsyncEnumerator();

    public DeliveryReader(ReaderRecipient recipient, CancellationToken cancellationToken = default)
        : this(recipient.ReadAsync(cancellationToken)) => _recipient = recipient;

    /// <summary>The next delivery; throws when it is over.</summary>
    public async Task<MqttDelivery> NextAsync() =>
        await _deliveries.MoveNextAsync().AsTask().WaitAsync(ScriptedConnection.Patience)
            ? _deliveries.Current
            : throw new EndOfStreamException("The enumeration is over.");

    /// <summary>The payloads of the next deliveries.</summary>
    public async Task<List<string>> TextsAsync(int count)
    {
        var texts = new List<string>();
        while (texts.Count < count)
        {
            texts.Add((await NextAsync()).Message.ConvertPayloadToString());
        }
        return texts;
    }

    public async ValueTask DisposeAsync()
    {
        await _deliveries.DisposeAsync();
        _recipient?.Dispose();
    }
}
