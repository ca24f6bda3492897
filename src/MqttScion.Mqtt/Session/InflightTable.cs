using System.Diagnostics.CodeAnalysis;

namespace MqttScion.Mqtt;

/// <summary>The packet identifiers that this end has in use, and what each one waits for (MQTT 5 §2.2.1).</summary>
internal sealed class InflightTable
{
    private readonly Dictionary<ushort, object> _operations = [];
    private ushort _lastId;

    public bool IsFull => _operations.Count == ushort.MaxValue;

    /// <summary>How many publishes, sent on this connection, use up the server's Receive Maximum.</summary>
    public int SentPublishCount { get; private set; }

    public IEnumerable<T> All<T>() => _operations.Values.OfType<T>();

    /// <summary>Takes a free packet identifier. There must be one: see <see cref="IsFull"/>.</summary>
    public ushort Add(object operation)
    {
        do
        {
            _lastId = _lastId == ushort.MaxValue ? (ushort)1 : (ushort)(_lastId + 1);
        }
        while (_operations.ContainsKey(_lastId));
        Add(_lastId, operation);
        return _lastId;
    }

    /// <summary>Takes this packet identifier, which an earlier connection used.</summary>
    public void Add(ushort packetId, object operation) => _operations.Add(packetId, operation);

    public void OnSent(MqttInflightPublish publish)
    {
        publish.IsOnConnection = true;
        SentPublishCount++;
    }

    public bool TryGet<T>(ushort packetId, [NotNullWhen(true)] out T? operation)
        where T : class
    {
        operation = _operations.GetValueOrDefault(packetId) as T;
        return operation is not null;
    }

    public void Remove(ushort packetId)
    {
        if (_operations.Remove(packetId, out var operation)
            && operation is MqttInflightPublish { IsOnConnection: true })
        {
            SentPublishCount--;
        }
    }

    public void Clear()
    {
        foreach (var publish in All<MqttInflightPublish>())
        {
            publish.IsOnConnection = false;
        }
        _operations.Clear();
        SentPublishCount = 0;
    }
}
