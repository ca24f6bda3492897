using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace MqttScion.Testnet;

/// <summary>Starts the small HTTP servers of the test network.</summary>
internal static class KestrelHost
{
    private const int MaxRequestBytes = 64 << 10;

    /// <summary>The address in the URL of a server, which names no host.</summary>
    public static IPEndPoint EndPointOf(Uri url) => new(IPAddress.Parse(url.Host), url.Port);

    /// <summary>Starts a server; it answers when the task ends.</summary>
    /// <param name="listen">The address; port 0 for one that the system chooses.</param>
    /// <param name="protocols">HTTP/1.1, or HTTP/2 without TLS.</param>
    /// <param name="map">Adds what the server answers.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="IOException">The address is in use.</exception>
    public static async Task<WebApplication> StartAsync(
        IPEndPoint listen,
        HttpProtocols protocols,
        Action<WebApplication> map,
        CancellationToken cancellationToken)
    {
        // The other builders each watch the folder for settings: a network has more servers than Linux allows watchers.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxRequestBytes;
            kestrel.Listen(listen, endpoint => endpoint.Protocols = protocols);
        });
        var application = builder.Build();
        try
        {
            map(application);
            await application.StartAsync(cancellationToken).ConfigureAwait(false);
            return application;
        }
        catch
        {
            await application.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
