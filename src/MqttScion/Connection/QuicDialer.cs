using System.Net;
using Microsoft.Extensions.Logging;
using MqttScion.Quic;
using MqttScion.Scion;

namespace MqttScion;

/// <summary>Looks paths up and opens QUIC connections along them, each on an endpoint loop of its own.</summary>
internal sealed class QuicDialer(NetworkSettings settings, QuicOptions quicOptions, TimeProvider time, ILogger log)
{
    /// <summary>The paths to a server that the policy allows, best first; never empty.</summary>
    /// <exception cref="NoPathException">There is none.</exception>
    public async Task<IReadOnlyList<ScionPath>> FindPathsAsync(
        IPathSource source,
        ScionEndPoint server,
        CancellationToken cancellationToken)
    {
        var locals = settings.LocalIsdAs is { } local
            ? [new LocalAs(local)]
            : await source.GetLocalAsync(cancellationToken).ConfigureAwait(false);
        var foundCount = 0;
        foreach (var isdAs in locals.Select(each => each.IsdAs))
        {
            var found = await source.GetPathsAsync(server.IsdAs, isdAs, cancellationToken).ConfigureAwait(false);
            var allowed = settings.PathPolicy.Apply(found);
            if (allowed.Count > 0)
            {
                return allowed;
            }
            foundCount += found.Count;
        }
        throw new NoPathException(server.IsdAs, foundCount);
    }

    /// <summary>
    /// Starts a connection along a path and gives its loop. What becomes of it, the application is told.
    /// </summary>
    public DialedLoop Dial(ScionEndPoint server, ScionPath path, IConnectionApplication application)
    {
        if (path.Mtu < 1200 + HeaderEstimate)
        {
            EndpointLog.PathMtuTooSmall(log, path, path.Mtu);
        }
        var tls = settings.Tls.Load();
        try
        {
            var local = new ScionBinding(path.Source, LocalAddressFor(server, path));
            var quic = new QuicEndpoint(
                tls,
                new GnuTlsPacketProtectorFactory(),
                quicOptions,
                acceptConnections: false,
                new CryptographicRandom());
            var loop = new EndpointLoop(local.Open(), quic, accept: null, time, log);
            loop.Post(new DialWork(loop, server, path, settings.ServerNameFor(server), application));
            return new DialedLoop(loop, tls);
        }
        catch
        {
            tls.Dispose();
            throw;
        }
    }

    // SCION header of an IPv4 path over seven ASes with its UDP header.
    private const int HeaderEstimate = 144;

    private IPEndPoint LocalAddressFor(ScionEndPoint server, ScionPath path)
    {
        if (settings.Bind is { } bind)
        {
            return bind;
        }
        if (path.NextHop is not { } target && !server.TryGetIPEndPoint(out target!))
        {
            throw new ArgumentException($"{server} names no IP host.");
        }
        return new IPEndPoint(UdpUnderlay.LocalAddressTowards(target), 0);
    }

    private sealed record DialWork(
        EndpointLoop Loop,
        ScionEndPoint Server,
        ScionPath Path,
        string ServerName,
        IConnectionApplication Application) : ILoopWork
    {
        public void Run(TimeSpan now)
        {
            try
            {
                Loop.Connect(Server, Path, ServerName, Application, now);
            }
            catch (Exception e)
            {
                // A path or a certificate that can't be used: whoever waits for the connection is told, else it would
                // wait for ever.
                Application.OnLoopEnded(e);
            }
        }
    }
}
