namespace MqttScion.Scion;

/// <summary>Keeps a path selected in a store: the same as long as it is up, else the best of those that are.</summary>
/// <remarks>For a user that has no path decision of its own, such as a ping. Selects at once, on the thread that
/// changed the store.</remarks>
public sealed class StickySelector : IDisposable
{
    private readonly PathStore _store;
    private readonly IDisposable _subscription;

    /// <summary>Starts to select.</summary>
    public StickySelector(PathStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        _store = store;
        // A store's events never fail.
        _subscription = store.Events.Subscribe(_ => Choose(), _ => { });
    }

    /// <summary>Ends the selection; what is selected stays so.</summary>
    public void Dispose() => _subscription.Dispose();

    private void Choose()
    {
        if (_store.Selected is { } selected && !_store.IsHeldBack(selected))
        {
            return; // Found without a look at the others: a store with many paths has many events.
        }
        var usable = _store.UpPaths;
        if (usable.Count == 0 || (_store.Selected is { } current && usable.Contains(current)))
        {
            return;
        }
        _store.Select(usable[0], _store.Selected is null ? "the best that is up" : "the path in use is down");
    }
}
