namespace MqttScion.Simulation;

/// <content>The phases of a world, and what must hold at the end of each.</content>
internal sealed partial class World
{
    private const ulong FirstCloseCode = 0x100;
    private const ulong GiveUpCode = 0x1ff;

    private static readonly TimeSpan SettleBound = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan EndBound = TimeSpan.FromMinutes(10);

    /// <summary>How it ended, in a word.</summary>
    public string Outcome { get; private set; } = "";

    private bool IsOver => Client.MainReason is not null || Server.MainReason is not null;

    private static ulong CloseCode(bool onServer) => FirstCloseCode + (onServer ? 1UL : 0);

    private void Run()
    {
        Client.Connect();
        Client.Step();
        var isDelivered = RunUntil(() => IsOver || IsDelivered(), Plan.DeliveryBound);
        CheckStorm();
        if (!IsOver && isDelivered && !Plan.IsHarsh)
            Settle();
        else if (!Plan.IsHarsh)
            Invariant.Check(!IsOver && isDelivered, IsOver ? "the connection broke off" : "delivery takes too long");
        _script.Clear();
        End(isDelivered);
        CheckEnd();
        Outcome = $"{Client.MainReason?.Kind}/{Server.MainReason?.Kind}";
    }

    private bool IsDelivered()
    {
        if (!Client.Application.HasOpenedAll || !Server.Application.HasOpenedAll || Client.Main is not { } client ||
            !client.IsHandshakeConfirmed || Server.Main is not { IsHandshakeConfirmed: true })
            return false;
        foreach (var flow in _flows.Values)
        {
            if (!flow.IsOver)
                return false;
        }

        return _script.Count == 0;
    }

    // Everything that was opened is forgotten on both sides, and then there is next to nothing to send.
    private void Settle()
    {
        var bound = Elapsed + SettleBound;
        RunUntil(() => IsOver || (Client.Main!.StreamCount == 0 && Server.Main!.StreamCount == 0), bound);
        Invariant.Check(!IsOver, "the connection broke off when all was delivered");
        Invariant.Check(
            Client.Main!.StreamCount == 0 && Server.Main!.StreamCount == 0,
            $"{Client.Main.StreamCount} and {Server.Main!.StreamCount} streams are never forgotten");
        RunUntil(() => IsOver, Elapsed + TimeSpan.FromSeconds(5));
        if (Plan.QuietTime == TimeSpan.Zero)
            return;
        var (client, server) = (Client.SentDatagrams, Server.SentDatagrams);
        RunUntil(() => IsOver, Elapsed + Plan.QuietTime);
        Invariant.Check(!IsOver, "the connection broke off when it was quiet");
        CheckQuiet(Client, client);
        CheckQuiet(Server, server);
    }

    private void CheckQuiet(Host host, long before)
    {
        // A PING and its ACK for each interval of both sides, each of them repeated now and then.
        var intervals = 0.0;
        foreach (var options in new[] { Plan.Client.Options, Plan.Server.Options })
        {
            if (options.KeepAliveInterval > TimeSpan.Zero)
                intervals += Plan.QuietTime / options.KeepAliveInterval + 1;
        }

        // Probes for the size of a path, and what their loss brings about.
        var probes = Plan.Client.Options.MaxProbedDatagramBytes + Plan.Server.Options.MaxProbedDatagramBytes > 0;
        var most = 20 + 8 * intervals + (probes ? 120 : 0);
        var sent = host.SentDatagrams - before;
        Invariant.Check(sent <= most, $"{sent} datagrams were sent in {Plan.QuietTime}, with nothing to say");
    }

    // Everything that is sent has a reason: data, an answer, a timer.
    private void CheckStorm()
    {
        const int dataPerDatagram = 1000;
        foreach (var host in new[] { Client, Server })
        {
            var data = host.Application.BytesWritten / dataPerDatagram + Plan.HandshakePaddingBytes / dataPerDatagram;
            var most = 100 + 4 * data + 1.5 * host.ReceivedDatagrams + 8 * Elapsed.TotalSeconds + 4 * _flows.Count;
            Invariant.Check(
                host.SentDatagrams <= most,
                $"{(host.IsServer ? "the server" : "the client")} sent {host.SentDatagrams} datagrams for {data} of " +
                $"data and {host.ReceivedDatagrams} that came");
        }
    }

    private void End(bool isDelivered)
    {
        if (!IsOver && !isDelivered)
        {
            Client.Close(GiveUpCode);
            Server.Close(GiveUpCode);
        }
        else if (!IsOver)
        {
            if (Plan.Ending is Ending.ClientCloses or Ending.BothClose)
                Client.Close(CloseCode(onServer: false));
            if (Plan.Ending is Ending.ServerCloses or Ending.BothClose)
                Server.Close(CloseCode(onServer: true));
        }

        Client.Step();
        Server.Step();
        var bound = Elapsed + EndBound;
        var isOver = RunUntil(
            () => (Client.IsEmpty || Client.IsVanished) && (Server.IsEmpty || Server.IsVanished), bound);
        Invariant.Check(isOver, "a connection never drains");
    }

    private void CheckEnd()
    {
        if (!Client.IsVanished)
            Client.CheckEmpty();
        if (!Server.IsVanished)
            Server.CheckEmpty();
        if (Client.Main is not { } client || Client.IsVanished || Server.IsVanished)
            return;
        CheckReason(client.CloseReason, Server.MainReason, CloseCode(onServer: false), CloseCode(onServer: true));
        if (Server.Main is { } server)
            CheckReason(server.CloseReason, client.CloseReason, CloseCode(onServer: true), CloseCode(onServer: false));
    }

    /// <summary>Whether both ends agree why it ended.</summary>
    private void CheckReason(QuicCloseReason? own, QuicCloseReason? peer, ulong ownCode, ulong peerCode)
    {
        Invariant.Check(own is not null, "a connection ended without a reason");
        var isRight = own.Kind switch
        {
            QuicCloseKind.LocalApplication => own.ErrorCode == ownCode || own.ErrorCode == GiveUpCode,
            // What the other side says of it may never have arrived.
            QuicCloseKind.PeerApplication => peer is { Kind: QuicCloseKind.LocalApplication } &&
                (own.ErrorCode == peerCode || own.ErrorCode == GiveUpCode),
            QuicCloseKind.IdleTimeout => Plan.IsHarsh || Plan.Ending == Ending.Idle || peer is
            {
                Kind: QuicCloseKind.LocalApplication or QuicCloseKind.IdleTimeout or QuicCloseKind.PeerApplication,
            },
            QuicCloseKind.HandshakeTimeout => Plan.IsHarsh,
            QuicCloseKind.StatelessReset => Plan.IsHarsh || peer is not null,
            // RFC 9000 §10.2.3: an application's code is not told before the handshake is done.
            QuicCloseKind.PeerTransport => Plan.IsHarsh && (
                own.ErrorCode == (ulong)QuicError.ApplicationError ||
                own.ErrorCode == (ulong)QuicError.InvalidToken ||
                (own.ErrorCode == (ulong)QuicError.VersionNegotiationError && _hasVersionNegotiation)),
            _ => false,
        };
        Invariant.Check(isRight, $"one end says {own}, the other {peer?.ToString() ?? "nothing"}");
    }
}
