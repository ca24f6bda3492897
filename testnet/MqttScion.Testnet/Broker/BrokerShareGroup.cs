namespace MqttScion.Testnet;

/// <summary>The members of a shared subscription (MQTT 5 §4.8.2), who take turns.</summary>
internal sealed class BrokerShareGroup(string name)
{
    private readonly List<BrokerSubscription> _members = [];
    private int _next;

    public string Name { get; } = name;

    public bool IsEmpty => _members.Count == 0;

    public bool IsAnyConnected => _members.Exists(m => m.Session.Connection is not null);

    public void Add(BrokerSubscription subscription) => _members.Add(subscription);

    public void Remove(BrokerSubscription subscription)
    {
        var index = _members.IndexOf(subscription);
        if (index >= 0)
        {
            _members.RemoveAt(index);
            // The turn stays with the member that has it.
            _next -= index < _next ? 1 : 0;
        }
    }

    /// <summary>Offers something to the members in turn, first to those that are connected, until one takes
    /// it.</summary>
    public bool TryOffer(Func<BrokerSubscription, bool> take, bool mayBeAway) =>
        TryOffer(take, m => m.Session.Connection is not null)
        || (mayBeAway && TryOffer(take, m => m.Session.Connection is null));

    private bool TryOffer(Func<BrokerSubscription, bool> take, Func<BrokerSubscription, bool> isCandidate)
    {
        for (var i = 0; i < _members.Count; i++)
        {
            var index = (_next + i) % _members.Count;
            if (isCandidate(_members[index]) && take(_members[index]))
            {
                _next = index + 1;
                return true;
            }
        }
        return false;
    }
}
