using System.Diagnostics.CodeAnalysis;

namespace MqttScion.Quic;

/// <content>Session tickets, and early data in 0-RTT packets (RFC 9001 §4.6).</content>
public sealed partial class QuicConnection
{
    private const int MaxSessionTickets = 4;
    private const int EarlyKeysProbeTimeouts = 3;

    private readonly QuicSessionTicket? _ticket;
    private readonly Queue<QuicSessionTicket> _sessionTickets = new();

    /// <summary>
    /// True when the handshake resumed an earlier session; the certificates of that one were checked again.
    /// </summary>
    public bool IsResumed { get; private set; }

    /// <summary>
    /// Whether the server accepted early data. Null while that is not known, and when none was offered or, on a server,
    /// taken.
    /// </summary>
    public bool? EarlyDataAccepted { get; private set; }

    /// <summary>
    /// True while a client can open streams before the handshake is done. What it writes can be replayed to the server
    /// by whoever records it, so it must do no harm when it comes twice (RFC 9001 §9.2).
    /// </summary>
    public bool CanSendEarlyData =>
        State == QuicConnectionState.Handshaking && Application.EarlyWriteProtector is not null;

    /// <summary>
    /// Takes the next session ticket that came, for <see cref="QuicEndpoint.Connect"/>. There is none when
    /// <see cref="QuicOptions.SessionCache"/> is set, which keeps them.
    /// </summary>
    public bool TryTakeSessionTicket([NotNullWhen(true)] out QuicSessionTicket? ticket) =>
        _sessionTickets.TryDequeue(out ticket);

    void IHandshakeOutcomes.OnTicket(QuicTlsTicket tls, TimeSpan now)
    {
        if (State != QuicConnectionState.Connected || ApplicationProtocol is null)
            return;
        var ticket = new QuicSessionTicket(
            ServerName,
            ApplicationProtocol,
            _options.ClockOrigin + now,
            tls,
            RememberedParameters.Of(_peerParameters));
        if (_options.SessionCache is { } cache)
        {
            cache.Add(ticket);
            return;
        }

        if (_sessionTickets.Count == MaxSessionTickets)
            _sessionTickets.Dequeue();
        _sessionTickets.Enqueue(ticket);
        if (_sessionTickets.Count == 1)
            _events.Add(new QuicEvent(QuicEventKind.SessionTicketReceived));
    }

    private void InstallEarlyKeys(QuicTrafficSecrets secrets)
    {
        if (secrets.ReadSecret is { } read && IsServer)
        {
            Application.EarlyReadProtector = _protectors.Create(secrets.Suite, read);
            EarlyDataAccepted = true;
        }
        else if (secrets.WriteSecret is { } write && _ticket is not null)
        {
            Application.EarlyWriteProtector = _protectors.Create(secrets.Suite, write);
            _peerParameters = _ticket.Parameters;
            _idle.Agree(_ticket.Parameters.MaxIdleTimeout);
            _streams.Apply(_ticket.Parameters);
            _events.Add(new QuicEvent(QuicEventKind.EarlyDataReady));
        }
    }

    /// <summary>The server's parameters came, and with them its word on the early data that we offered.</summary>
    private bool TryDecideEarlyData(TransportParameters parameters, TimeSpan now)
    {
        if (Application.EarlyWriteProtector is null || _ticket is null)
            return true;
        EarlyDataAccepted = _handshake.IsEarlyDataAccepted;
        if (EarlyDataAccepted == false)
        {
            RejectEarlyData();
            return true;
        }

        if (!RememberedParameters.AreReduced(_ticket.Parameters, parameters))
            return true;
        const string reason = "the server accepted early data and reduced its limits";
        Fail(QuicError.ProtocolViolation, (ulong)FrameType.Crypto, reason, now);
        return false;
    }

    // RFC 9001 §4.6.2: the server has seen nothing of it, so the streams start again under their ids.
    private void RejectEarlyData()
    {
        DiscardEarlyKeys();
        LossDetector.Discard(Application, _paths.Current);
        _streams.Rewind();
        _events.Add(new QuicEvent(QuicEventKind.EarlyDataRejected));
    }

    private void DiscardEarlyKeys()
    {
        Application.EarlyReadProtector?.Dispose();
        Application.EarlyWriteProtector?.Dispose();
        Application.EarlyReadProtector = null;
        Application.EarlyWriteProtector = null;
    }
}
