using System.Net;
using Microsoft.Extensions.Logging;
using MqttScion.Quic;
using MqttScion.Scion;

namespace MqttScion;

/// <summary>Opens QUIC connections along paths, each on an endpoint loop of its own.</summary>
internal sealed class QuicDialer(
    ScionNetwork network,
    NetworkSettings settings,
    QuicOptions quicOptions,
    TimeProvider time,
    ILogger log)
{
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
            var binding = new ScionBinding(path.Source, LocalAddressFor(server, path));
            var quic = new QuicEndpoint(
                tls,
                new GnuTlsPacketProtectorFactory(),
                quicOptions,
                acceptConnections: false,
                new CryptographicRandom());
            var socket = binding.Open(network.LocalOf(path.Source));
            var loop = new EndpointLoop(socket, quic, accept: null, time, log, network.WatchOf(server.IsdAs));
            loop.Post(new DialWork(loop, server, path, settings.ServerNameFor(server), application));
            return new DialedLoop(loop, new PathFollower(loop, server, network.StoreOf(server.IsdAs), path, log), tls);
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
