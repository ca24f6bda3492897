namespace MqttScion.Tests.Chaos;

/// <summary>What happens to whom, and when: all of it drawn from a seed.</summary>
internal sealed class ChaosPlan
{
    private const int PublisherKills = 5;
    private const int SubscriberKills = 4;
    private const int SubscriberCuts = 4;

    private readonly Random _random;

    /// <param name="seed">Where the draws begin.</param>
    /// <param name="restarts">How often broker or proxy are restarted.</param>
    public ChaosPlan(int seed, int restarts)
    {
        _random = new Random(seed);
        var acts = new List<ChaosAct>();
        for (var i = 0; i < restarts; i++)
        {
            acts.Add(i % 2 == 0 ? ChaosAct.RestartBroker : i % 4 == 1 ? ChaosAct.KillProxy : ChaosAct.StopProxy);
        }
        acts.AddRange(Enumerable.Repeat(ChaosAct.KillPublisher, PublisherKills));
        acts.AddRange(Enumerable.Repeat(ChaosAct.KillSubscriber, SubscriberKills));
        acts.AddRange(Enumerable.Repeat(ChaosAct.CutSubscriber, SubscriberCuts));
        Acts = [.. acts];
        _random.Shuffle(Acts);
    }

    /// <summary>In the order in which they begin; one may begin while another goes on.</summary>
    public ChaosAct[] Acts { get; }

    /// <summary>How long to wait before the next act.</summary>
    public TimeSpan NextPause() => TimeSpan.FromMilliseconds(_random.Next(100, 1600));

    /// <summary>How long what was ended stays away.</summary>
    public TimeSpan NextAbsence() => TimeSpan.FromMilliseconds(_random.Next(0, 300));
}
