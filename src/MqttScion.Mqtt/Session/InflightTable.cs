using System.Diagnostics.CodeAnalysis;

namespace MqttScion.Mqtt;

/// <summary>The packet identifiers that this end has in use, and what each one waits for (MQTT 5 §2.2.1).</summary>
internal sealed class InflightTable
{
    private const int MaxSparePages = 8;

    // By the two bytes of the identifier. Identifiers are given out in turn, so few pages are in use at a time.
    private readonly Page?[] _pages = new Page?[256];
    private readonly Stack<Page> _sparePages = [];
    private readonly ushort _highestId;
    private ushort _lastId;
    private int _givenCount;

    /// <summary>Makes a table.</summary>
    /// <param name="firstId">The first identifier that is given out.</param>
    /// <param name="highestId">Above it the owner chooses.</param>
    public InflightTable(ushort firstId, ushort highestId) =>
        (_lastId, _highestId) = ((ushort)(firstId - 1), highestId);

    public bool IsFull => FreeCount == 0;

    /// <summary>How many identifiers can be given out.</summary>
    public int FreeCount => _highestId - _givenCount;

    /// <summary>How many publishes, sent on this connection, use up the server's Receive Maximum.</summary>
    public int SentPublishCount { get; private set; }

    public IEnumerable<T> All<T>() => _pages.Where(p => p is not null).SelectMany(p => p!.Operations.OfType<T>());

    /// <summary>Takes a free packet identifier. There must be one: see <see cref="IsFull"/>.</summary>
    public ushort Add(object operation)
    {
        do
        {
            _lastId = _lastId >= _highestId ? (ushort)1 : (ushort)(_lastId + 1);
        }
        while (IsInUse(_lastId));
        Add(_lastId, operation);
        return _lastId;
    }

    /// <summary>Takes this packet identifier, which an earlier connection used or the owner chose.</summary>
    public void Add(ushort packetId, object operation)
    {
        ref var page = ref _pages[packetId >> 8];
        if (page is null)
        {
            page = _sparePages.TryPop(out var spare) ? spare : new Page();
        }
        page.Operations[packetId & 0xff] = operation;
        page.Count++;
        _givenCount += packetId <= _highestId ? 1 : 0;
    }

    public bool IsInUse(ushort packetId) => Find(packetId) is not null;

    public void OnSent(MqttInflightPublish publish)
    {
        publish.IsOnConnection = true;
        SentPublishCount++;
    }

    public bool TryGet<T>(ushort packetId, [NotNullWhen(true)] out T? operation)
        where T : class
    {
        operation = Find(packetId) as T;
        return operation is not null;
    }

    public void Remove(ushort packetId)
    {
        if (Find(packetId) is not { } operation)
        {
            return;
        }
        ref var page = ref _pages[packetId >> 8];
        page!.Operations[packetId & 0xff] = null;
        if (--page.Count == 0)
        {
            if (_sparePages.Count < MaxSparePages)
            {
                _sparePages.Push(page);
            }
            page = null;
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
        Array.Clear(_pages);
        _givenCount = 0;
        SentPublishCount = 0;
    }

    private object? Find(ushort packetId) => _pages[packetId >> 8]?.Operations[packetId & 0xff];

    private sealed class Page
    {
        public object?[] Operations { get; } = new object?[256];

        public int Count { get; set; }
    }
}
