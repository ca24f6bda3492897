using System.Diagnostics.CodeAnalysis;

namespace MqttScion.Mqtt;

/// <summary>The packet identifiers that this end has in use, and what each one waits for (MQTT 5 §2.2.1).</summary>
internal sealed class InflightTable
{
    private readonly Dictionary<ushort, object> _operations = [];
    private readonly ushort _highestId;
    private ushort _lastId;
    private int _givenCount;

    /// <summary>Makes a table.</summary>
    /// <param name="firstId">The first identifier that is given out.</param>
    /// <param name="highestId">Above it the owner chooses.</param>
    public InflightTable(ushort firstId, ushort highestId) =>
        (_lastId, _highestId) = ((ushort)(firstId - 1), highestId);

    public bool IsFull => _givenCount == _highestId;

    /// <summary>How many publishes, sent on this connection, use up the server's Receive Maximum.</summary>
    public int SentPublishCount { get; private set; }

    public IEnumerable<T> All<T>() => _operations.Values.OfType<T>();

    /// <summary>Takes a free packet identifier. There must be one: see <see cref="IsFull"/>.</summary>
    public ushort Add(object operation)
    {
        do
        {
            _lastId = _lastId >= _highestId ? (ushort)1 : (ushort)(_lastId + 1);
        }
        while (_operations.ContainsKey(_lastId));
        Add(_lastId, operation);
        return _lastId;
    }

    /// <summary>Takes this packet identifier, which an earlier connection used or the owner chose.</summary>
    public void Add(ushort packetId, object operation)
    {
        _operations.Add(packetId, operation);
        _givenCount += packetId <= _highestId ? 1 : 0;
    }

    public bool IsInUse(ushort packetId) => _operations.ContainsKey(packetId);

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
        if (!_operations.Remove(packetId, out var operation))
        {
            return;
        }
        _givenCount -= packetId <= _highestId ? 1 : 0;
        if (operation is MqttInflightPublish { IsOnConnection: true })
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
        _givenCount = 0;
        SentPublishCount = 0;
    }
}
