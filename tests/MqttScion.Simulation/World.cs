using System.Text;

namespace MqttScion.Simulation;

/// <summary>A client, a server and the paths between them in virtual time; all follows from a seed.</summary>
internal sealed partial class World : IDisposable
{
    private const int MaxSteps = 3_000_000;

    private readonly SimRandom _random;
    private readonly PriorityQueue<ScriptedEvent, (TimeSpan, int)> _script = new();
    private readonly Dictionary<(long, bool), Flow> _flows = [];
    private bool _hasVersionNegotiation;
    private long _steps;

    public World(WorldPlan plan)
    {
        Plan = plan;
        _random = new SimRandom(SimRandom.Mix(plan.Seed) ^ 0x5eed);
        Wire = new Wire(plan, _random);
        Client = new Host(this, isServer: false, new SimRandom(plan.Seed ^ 0xc11e47));
        Server = new Host(this, isServer: true, new SimRandom(plan.Seed ^ 0x5e47e4));
        for (var index = 0; index < plan.Script.Count; index++)
            _script.Enqueue(plan.Script[index], (plan.Script[index].At, index));
    }

    /// <summary>What the hosts' clocks show at the start.</summary>
    public static TimeSpan Origin { get; } = TimeSpan.FromHours(3);

    public WorldPlan Plan { get; }

    public Wire Wire { get; }

    public Host Client { get; }

    public Host Server { get; }

    public TimeSpan Elapsed { get; private set; }

    public TimeSpan Now => Origin + Elapsed;

    /// <summary>Follows from all that was sent and all events: the same for the same seed.</summary>
    public ulong TraceHash { get; private set; }

    public long Datagrams => Client.SentDatagrams + Server.SentDatagrams;

    /// <summary>On which path each PATH_CHALLENGE went out.</summary>
    public Dictionary<ulong, int> Challenges { get; } = [];

    public TextWriter? Trace { get; set; }

    /// <summary>Runs a world from its seed to its end; throws when something does not hold in it.</summary>
    public static WorldResult Run(ulong seed, TextWriter? trace = null)
    {
        var plan = WorldPlanner.Draw(seed);
        using var world = new World(plan) { Trace = trace };
        try
        {
            world.Run();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new InvalidOperationException(world.Report(e), e);
        }

        return new WorldResult(world.TraceHash, world.Datagrams, world.Elapsed, world.Outcome);
    }

    public Flow Flow(long streamId, bool fromServer)
    {
        var isKnown = _flows.TryGetValue((streamId, fromServer), out var flow);
        Invariant.Check(isKnown, $"stream {streamId} was opened by nobody");
        return flow!;
    }

    public void AddFlow(long streamId, bool fromServer, int size, int? resetAt, int? stopAt) =>
        _flows.Add((streamId, fromServer), new Flow(
            Content.Key(Plan.Seed, streamId, fromServer), size, resetAt, stopAt));

    public void Send(bool toServer, int pathId, ReadOnlySpan<byte> datagram, EcnCodepoint ecn)
    {
        var tail = datagram[^Math.Min(sizeof(ulong), datagram.Length)..];
        var digest = (ulong)datagram.Length << 8 | (toServer ? 1u : 0) | (uint)pathId << 1 | (uint)ecn << 4;
        foreach (var octet in tail)
            digest = digest * 31 + octet;
        Note(digest);
        Trace?.WriteLine($"{Elapsed.TotalMilliseconds,12:0.000} {(toServer ? "client" : "server")} sends " +
            $"{datagram.Length} on {pathId} {ecn}");
        Wire.Send(toServer, pathId, datagram, ecn, Elapsed);
    }

    public void OnEvent(bool onServer, in QuicEvent item)
    {
        var digest = (ulong)item.Kind << 48 | (ulong)(item.StreamId + 1) << 8 | (uint)(item.PathId + 1) << 1;
        Note(digest | (onServer ? 1u : 0));
        Trace?.WriteLine($"{Elapsed.TotalMilliseconds,12:0.000} {(onServer ? "server" : "client")} {item}");
    }

    public void Dispose()
    {
        Client.Dispose();
        Server.Dispose();
    }

    private void Note(ulong digest) => TraceHash = SimRandom.Mix(TraceHash ^ digest ^ (ulong)Elapsed.Ticks << 20);

    /// <summary>Runs until a condition holds; false when the time is up, or nothing will ever happen again.</summary>
    private bool RunUntil(Func<bool> condition, TimeSpan end)
    {
        while (!condition())
        {
            if (Next() is not { } next || next > end)
            {
                Elapsed = end > Elapsed ? end : Elapsed;
                return condition();
            }

            Invariant.Check(++_steps < MaxSteps, $"{MaxSteps} steps, and no end");
            Elapsed = next > Elapsed ? next : Elapsed;
            while (_script.TryPeek(out _, out var due) && due.Item1 <= Elapsed)
                Happen(_script.Dequeue());
            while (Wire.TakeArrived(Elapsed) is { } datagram)
                (datagram.ToServer ? Server : Client).Take(datagram);
            Client.Step();
            Server.Step();
        }

        return true;
    }

    private TimeSpan? Next()
    {
        var next = Earliest(Earliest(Wire.NextArrival, Client.WakeAt), Server.WakeAt);
        return _script.TryPeek(out _, out var due) ? Earliest(next, due.Item1) : next;
    }

    private static TimeSpan? Earliest(TimeSpan? one, TimeSpan? other) =>
        one is null || other < one ? other : one;

    private string Report(Exception e)
    {
        var text = new StringBuilder();
        text.AppendLine($"seed {Plan.Seed}, step {_steps}, {Elapsed.TotalSeconds:0.000000} s: {e.Message}");
        foreach (var line in Plan.Describe())
            text.AppendLine(line);
        foreach (var host in new[] { Client, Server })
        {
            text.AppendLine($"  {(host.IsServer ? "server" : "client")}: {host.Main?.State}, {host.MainReason}, " +
                $"sent {host.SentDatagrams}, received {host.ReceivedDatagrams}, {host.Main?.Statistics}");
        }

        foreach (var ((id, fromServer), flow) in _flows)
        {
            if (!flow.IsOver)
                text.AppendLine($"  stream {id} from {(fromServer ? "server" : "client")}: {flow}");
        }

        return text.ToString();
    }
}
