namespace MqttScion.Simulation;

/// <summary>Draws a world from its seed.</summary>
internal sealed class WorldPlanner
{
    private const int MinDatagramBytes = 1200;

    private static readonly TimeSpan HarshBound = TimeSpan.FromMinutes(4);

    private readonly SimRandom _random;
    private readonly WorldPlan _plan;

    private WorldPlanner(ulong seed)
    {
        _random = new SimRandom(seed);
        _plan = new WorldPlan { Seed = seed };
    }

    public static WorldPlan Draw(ulong seed)
    {
        var planner = new WorldPlanner(seed);
        planner.Draw();
        return planner._plan;
    }

    private void Draw()
    {
        _plan.IsHarsh = _random.OneIn(4);
        _plan.Ending = _random.Pick(Ending.ClientCloses, Ending.ServerCloses, Ending.BothClose, Ending.Idle);
        _plan.HandshakePaddingBytes = _random.OneIn(2) ? 0 : _random.Below(6000);
        DrawHost(_plan.Client);
        DrawHost(_plan.Server);
        if (_random.OneIn(3))
            _plan.Server.Options.RetryAboveHandshakes = 0;
        var isLarge = _random.OneIn(30);
        var pathCount = _random.Pick(1, 1, 2, 3, 4);
        for (var path = 0; path < pathCount; path++)
            _plan.Paths.Add(DrawPath(isLarge));
        DrawStreams();
        DrawScript();
        if (_random.OneIn(3))
            _plan.QuietTime = _random.Time(TimeSpan.FromSeconds(40));
        _plan.DeliveryBound = _plan.IsHarsh ? HarshBound : MildBound();
    }

    private void DrawHost(HostPlan host)
    {
        var options = host.Options;
        options.CongestionControl = _random.Pick(QuicCongestionControl.Cubic, QuicCongestionControl.NewReno);
        options.EnableEcn = !_random.OneIn(4);
        options.KeyUpdatePackets = _random.OneIn(2) ? 1 << 22 : _random.Scale(2, 400);
        options.ConnectionWindowBytes = _random.OneIn(2) ? 64 * 1024 : _random.Scale(64 * 1024, 1 << 20);
        options.StreamWindowBytes = _random.Scale(4 * 1024, 1 << 18);
        options.SendBufferBytes = _random.Scale(4 * 1024, 1 << 18);
        options.MaxBidirectionalStreams = _random.Pick(0, 1, 2, 5, 16, 100);
        options.MaxUnidirectionalStreams = _random.Pick(0, 1, 2, 5, 16, 100);
        options.MaxDatagramFrameBytes = _random.Pick(0, 0, 300, 1200, 65535);
        options.MaxQueuedDatagrams = _random.Pick(1, 4, 64);
        options.KeepAliveInterval = _random.Pick(0, 1, 5, 20) * TimeSpan.FromSeconds(1);
        options.IdleTimeout = TimeSpan.FromSeconds(_plan.IsHarsh ? _random.Scale(1, 60) : _random.Between(60, 120));
        options.HandshakeTimeout = TimeSpan.FromSeconds(_plan.IsHarsh ? _random.Scale(1, 60) : 90);
        if (_plan.Ending == Ending.Idle)
            options.KeepAliveInterval = TimeSpan.Zero;
        host.MaxSegments = _random.Pick(1, 2, 7, 16, 64);
        host.RoomBytes = _random.Pick(2 * 1024, 10 * 1024, 64 * 1024);
        host.TimerSlack = _random.Pick(0, 0, 100, 1000, 10_000) * TimeSpan.FromMicroseconds(1);
        host.TakesBatches = _random.OneIn(2);
        host.WriteBytes = _random.Scale(50, 64 * 1024);
        if (!_random.OneIn(3))
            return;
        host.ReadBytes = _random.Scale(500, 20_000);
        host.ReadInterval = _random.Milliseconds(1, 60);
    }

    private PathPlan DrawPath(bool isLarge)
    {
        var bytes = isLarge ? _random.Between(MinDatagramBytes, 9000) : _random.Between(MinDatagramBytes, 1500);
        var headroom = _random.Pick(0, 1, 24, 77, 300);
        if (isLarge)
        {
            _plan.Client.RoomBytes = 64 * 1024;
            _plan.Server.RoomBytes = 64 * 1024;
        }

        if (_random.OneIn(4))
        {
            _plan.Client.Options.MaxProbedDatagramBytes = bytes + _random.Below(200);
            _plan.Server.Options.MaxProbedDatagramBytes = bytes + _random.Below(200);
        }

        return new PathPlan(bytes, headroom, DrawLink(bytes), DrawLink(bytes));
    }

    private LinkPlan DrawLink(int datagramBytes)
    {
        var mostLoss = _plan.IsHarsh ? 0.4 : 0.1;
        var link = new LinkPlan
        {
            Delay = TimeSpan.FromMicroseconds(_random.Scale(50, 200_000)),
            Jitter = _random.OneIn(2) ? TimeSpan.Zero : TimeSpan.FromMicroseconds(_random.Scale(10, 50_000)),
            Loss = _random.OneIn(2) ? 0 : mostLoss * _random.Fraction(),
            Reorder = _random.OneIn(2) ? 0 : 0.3 * _random.Fraction(),
            Duplication = _random.OneIn(3) ? 0.2 * _random.Fraction() : 0,
            Corruption = _random.OneIn(4) ? 0.03 * _random.Fraction() : 0,
            MaxBytes = datagramBytes + _random.Below(300),
            DropsMarked = _plan.IsHarsh && _random.OneIn(15),
            IsBleaching = _random.OneIn(8),
        };
        if (_random.OneIn(4))
        {
            link.BurstStart = mostLoss / 4 * _random.Fraction();
            link.BurstGoesOn = 0.8 * _random.Fraction();
        }

        if (_random.OneIn(2))
        {
            link.BytesPerSecond = _random.Scale(20_000, 5_000_000);
            link.QueueBytes = _random.Scale(4 * datagramBytes, 60 * datagramBytes);
            link.MarkAboveBytes = _random.OneIn(2) ? 0 : link.QueueBytes / 2;
        }

        if (_random.OneIn(6))
            link.Narrowing = (_random.Time(TimeSpan.FromSeconds(5)), datagramBytes);
        if (_plan.IsHarsh && _random.OneIn(3))
        {
            var start = _random.Time(TimeSpan.FromSeconds(20));
            link.Blackouts.Add((start, start + TimeSpan.FromMilliseconds(_random.Scale(10, 40_000))));
        }

        return link;
    }

    private void DrawStreams()
    {
        // Now and then more than the windows of the connection.
        var left = _random.OneIn(8) ? _random.Between(150_000, 500_000) : _random.Scale(100, 200_000);
        for (var count = _random.Pick(1, 1, 2, 5, 12, 40); count > 0; count--)
        {
            var fromServer = _random.OneIn(3);
            var isBidirectional = !_random.OneIn(3);
            var peer = (fromServer ? _plan.Client : _plan.Server).Options;
            if ((isBidirectional ? peer.MaxBidirectionalStreams : peer.MaxUnidirectionalStreams) == 0)
                continue;
            var bytes = _random.OneIn(10) ? 0 : _random.Scale(1, left);
            var answer = _random.OneIn(3) ? 0 : _random.Scale(1, left);
            left = Math.Max(100, left - bytes - answer);
            _plan.Streams.Add(new StreamPlan(
                fromServer,
                isBidirectional,
                bytes,
                answer,
                _random.OneIn(8) ? _random.Below(bytes + 1) : null,
                _random.OneIn(8) ? _random.Below(bytes + 1) : null,
                _random.OneIn(2) ? TimeSpan.Zero : _random.Time(TimeSpan.FromSeconds(3))));
        }
    }

    private void DrawScript()
    {
        var span = TimeSpan.FromSeconds(_random.Scale(1, 20));
        if (_plan.Paths.Count > 1)
        {
            Add(_random.Below(8), span, ScriptedEventKind.SelectPath);
            Add(_random.Below(3), span, ScriptedEventKind.ProbePath);
            Add(_random.Below(3), span, ScriptedEventKind.ReopenPath);
        }

        if (_random.OneIn(6))
            Add(1, span, ScriptedEventKind.ShrinkPath);
        if (_random.OneIn(3))
            AddPauses(_random.Between(1, 3), span);
        Add(_random.OneIn(2) ? _random.Below(30) : 0, span, ScriptedEventKind.SendDatagram);
        if (_random.OneIn(3))
        {
            Add(_random.Below(6), span, ScriptedEventKind.Replay);
            Add(_random.Below(6), span, ScriptedEventKind.Forge);
            Add(_random.Below(4), span, ScriptedEventKind.Noise);
        }

        if (!_plan.IsHarsh)
            return;
        Add(_random.OneIn(6) ? 1 : 0, span, ScriptedEventKind.Vanish);
        Add(_random.OneIn(4) ? 1 : 0, span, ScriptedEventKind.Close);
        Add(_random.OneIn(10) ? 1 : 0, TimeSpan.FromMilliseconds(100), ScriptedEventKind.NegotiateVersion);
    }

    private void Add(int count, TimeSpan span, ScriptedEventKind kind)
    {
        for (; count > 0; count--)
        {
            _plan.Script.Add(new ScriptedEvent(
                _random.Time(span), kind, _random.OneIn(2), _random.Below(_plan.Paths.Count * 1000)));
        }
    }

    private void AddPauses(int count, TimeSpan span)
    {
        for (; count > 0; count--)
        {
            var pause = TimeSpan.FromMilliseconds(_random.Scale(5, _plan.IsHarsh ? 30_000 : 3000));
            _plan.Script.Add(new ScriptedEvent(
                _random.Time(span), ScriptedEventKind.Pause, _random.OneIn(2), Span: pause));
        }
    }

    // Far more than is needed: what does not arrive by then never will.
    private TimeSpan MildBound()
    {
        var bytes = 20_000.0 + _plan.Streams.Sum(static stream => stream.Bytes + stream.AnswerBytes);
        var slowest = _plan.Paths.SelectMany(static path => new[] { path.ToServer, path.ToClient })
            .Min(static link => link.BytesPerSecond == 0 ? 1_000_000 : link.BytesPerSecond);
        return TimeSpan.FromMinutes(3) + TimeSpan.FromSeconds(bytes / slowest * 10) + ReadTime(_plan.Client, bytes) +
            ReadTime(_plan.Server, bytes);
    }

    private static TimeSpan ReadTime(HostPlan host, double bytes) =>
        host.ReadBytes == 0 ? TimeSpan.Zero : host.ReadInterval * (3 * bytes / host.ReadBytes + 50);
}
