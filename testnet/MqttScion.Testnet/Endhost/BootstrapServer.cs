using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MqttScion.Testnet;

/// <summary>A bootstrap server over HTTP: gives a host the topology of its AS, and an empty list of TRCs.</summary>
public sealed class BootstrapServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private BootstrapServer(WebApplication application) => _application = application;

    /// <summary>The base address, for <see cref="MqttScion.Scion.StandaloneOptions.BootstrapServer"/>.</summary>
    public Uri Url => new(_application.Urls.First());

    /// <summary>Starts a server; it answers when the task ends.</summary>
    /// <param name="topology">Gives the <c>topology.json</c> at each request, such as <see cref="TopologyJson"/>
    /// writes.</param>
    /// <param name="listen">The address; null for 127.0.0.1 with a port that the system chooses.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="IOException">The address is in use.</exception>
    public static async Task<BootstrapServer> StartAsync(
        Func<byte[]> topology,
        IPEndPoint? listen = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(topology);
        var application = await KestrelHost
            .StartAsync(
                listen ?? new IPEndPoint(IPAddress.Loopback, 0),
                HttpProtocols.Http1,
                application =>
                {
                    application.MapGet("/topology", context => WriteAsync(context, topology()));
                    application.MapGet("/trcs", context => WriteAsync(context, "[]"u8.ToArray()));
                },
                cancellationToken)
            .ConfigureAwait(false);
        return new BootstrapServer(application);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private static Task WriteAsync(HttpContext context, byte[] json)
    {
        context.Response.ContentType = "application/json";
        return context.Response.Body.WriteAsync(json, context.RequestAborted).AsTask();
    }
}
