using MqttScion.Proxy.Tests.Support;
using MqttScion.Scion;

namespace MqttScion.TestPeer;

/// <summary>A client whose servers come and go: it notices soon, tries often, and keeps its session.</summary>
public static class PatientClient
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Short deadlines, a session of an hour, and the empty path to a server of the same AS.</summary>
    public static ScionMqttClientOptions Options(string clientId, string server)
    {
        var options = new ScionMqttClientOptions
        {
            ClientId = clientId,
            CleanStart = false,
            SessionExpiryInterval = TimeSpan.FromHours(1),
            KeepAlivePeriod = TimeSpan.FromSeconds(1),
            PingResponseTimeout = TimeSpan.FromSeconds(1),
            HandshakeTimeout = TimeSpan.FromSeconds(1),
            ConnectTimeout = TimeSpan.FromSeconds(2),
            IdleTimeout = TimeSpan.FromSeconds(1),
            ReconnectDelay = TimeSpan.FromMilliseconds(20),
            MaxReconnectDelay = TimeSpan.FromMilliseconds(100),
        };
        options.Servers.Add(server);
        options.Scion.PathSource = new SameAsPathSource(ScionEndPoint.Parse(server).IsdAs);
        return options;
    }

    /// <summary>Tries until the first connection is made: from then on the client keeps it.</summary>
    public static async Task ConnectAsync(ScionMqttClient client, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            try
            {
                await client.ConnectAsync(cancellationToken);
                return;
            }
            catch (Exception e) when (e is QuicConnectionException or MqttSessionEndedException)
            {
                await Task.Delay(Pause, cancellationToken); // The server is away; nobody tells when it is back.
            }
        }
    }
}
