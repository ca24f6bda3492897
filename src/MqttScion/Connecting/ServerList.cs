using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>
/// Which servers an attempt tries, in which order, and what servers said about other servers (Server Reference, MQTT 5
/// §4.11). Not synchronised; the reconnect loop is its only user.
/// </summary>
internal sealed class ServerList(ClientSettings settings)
{
    // A server that has moved stands for its successor from then on; each entry is one of the configured servers.
    private readonly MqttEndPoint[] _servers = [.. settings.Servers];
    private MqttEndPoint? _next;
    private int _lastIndex = -1;

    /// <summary>The servers of one attempt.</summary>
    public IReadOnlyList<MqttEndPoint> Attempt()
    {
        var order = Enumerable.Range(0, _servers.Length).ToArray();
        switch (settings.Options.ServerSelection)
        {
            case ServerSelection.Random:
                Random.Shared.Shuffle(order);
                break;
            case ServerSelection.RoundRobin:
                order = [.. order.Select(i => (i + _lastIndex + 1) % _servers.Length)];
                break;
        }
        var servers = order.Select(i => _servers[i]);
        if (_next is { } next)
        {
            _next = null;
            servers = servers.Prepend(next);
        }
        return [.. servers.Distinct()];
    }

    /// <summary>A connection to a server is up.</summary>
    public void OnConnected(MqttEndPoint server)
    {
        var index = Array.IndexOf(_servers, server);
        _lastIndex = index < 0 ? _lastIndex : index;
    }

    /// <summary>The server that a refused CONNECT names in place of the one that refused; null when it names none that
    /// can be followed.</summary>
    public MqttEndPoint? Follow(MqttEndPoint from, MqttClientConnectResult refusal) => refusal.ResultCode
        is MqttClientConnectResultCode.UseAnotherServer or MqttClientConnectResultCode.ServerMoved
        ? Follow(from, refusal.ServerReference, refusal.ResultCode == MqttClientConnectResultCode.ServerMoved)
        : null;

    /// <summary>A DISCONNECT may name another server: the next attempt begins there.</summary>
    public void Follow(MqttEndPoint from, MqttSessionEnd end)
    {
        if (end.Cause == MqttSessionEndCause.DisconnectedByServer
            && end.ReasonCode is MqttDisconnectReasonCode.UseAnotherServer or MqttDisconnectReasonCode.ServerMoved)
        {
            _next = Follow(from, end.ServerReference, end.ReasonCode == MqttDisconnectReasonCode.ServerMoved);
        }
    }

    private MqttEndPoint? Follow(MqttEndPoint from, string? references, bool hasMoved)
    {
        if (settings.Options.MaxServerReferences == 0 || references is null)
        {
            return null;
        }
        // §4.11: a list, separated by spaces, of what the server likes. Only what we could have been given counts.
        foreach (var text in references.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!MqttEndPoint.TryParse(text, out var server) || server == from || !IsAllowed(server))
            {
                continue;
            }
            var index = Array.IndexOf(_servers, from);
            if (hasMoved && index >= 0)
            {
                _servers[index] = server;
            }
            return server;
        }
        return null;
    }

    // A server may send us to other ports and hosts of the ASes that our user named, on IP to other ports of the hosts:
    // never to anybody else.
    private bool IsAllowed(MqttEndPoint other) => settings.Servers.Any(server => other.Scion is { } scion
        ? scion.IsdAs == server.Scion?.IsdAs
        : server.Scion is null && other.Host == server.Host);
}
