using System.Collections.Concurrent;
using System.Net;
using Google.Protobuf.WellKnownTypes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using MqttScion.Scion;
using Daemon = MqttScion.Scion.Protobuf.Daemon;

namespace MqttScion.Testnet;

/// <summary>A SCION daemon over gRPC (HTTP/2 without TLS): paths from one AS, and what hosts need of it.</summary>
public sealed class DaemonServer : IAsyncDisposable
{
    private const string Service = "/proto.daemon.v1.DaemonService/";

    private readonly DaemonServerOptions _options;
    private readonly SegmentFactory _segments;
    private readonly TimeProvider _time;
    private readonly Dictionary<ushort, IPEndPoint> _routers;

    /// <summary>The interfaces reported as down, with the time until which they are left out.</summary>
    private readonly ConcurrentDictionary<PathInterface, DateTimeOffset> _revoked = [];

    private WebApplication _application = null!;

    private DaemonServer(DaemonServerOptions options, SegmentFactory segments, TimeProvider time)
    {
        _options = options;
        _segments = segments;
        _time = time;
        _routers = options.Routers
            .Where(router => router.IsdAs == options.Local.IsdAs)
            .SelectMany(router => router.Interfaces.Select(id => (id, router.Address)))
            .ToDictionary(each => each.id, each => each.Address);
    }

    /// <summary>The base address, for <see cref="DaemonOptions.Url"/>.</summary>
    public Uri Url => new(_application.Urls.First());

    /// <summary>Starts a daemon; it answers when the task ends.</summary>
    /// <exception cref="IOException">The address is in use.</exception>
    public static async Task<DaemonServer> StartAsync(
        DaemonServerOptions options,
        SegmentFactory segments,
        TimeProvider? time = null,
        CancellationToken cancellationToken = default)
    {
        var server = new DaemonServer(options, segments, time ?? TimeProvider.System);
        server._application = await KestrelHost
            .StartAsync(options.Listen, HttpProtocols.Http2, server.Map, cancellationToken)
            .ConfigureAwait(false);
        return server;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private void Map(WebApplication application)
    {
        application.MapPost(Service + "Paths", GrpcEndpoint.Handle(Daemon.PathsRequest.Parser, Paths));
        application.MapPost(Service + "AS", GrpcEndpoint.Handle(Daemon.ASRequest.Parser, As));
        application.MapPost(Service + "Interfaces", GrpcEndpoint.Handle(Daemon.InterfacesRequest.Parser, Interfaces));
        application.MapPost(Service + "PortRange", GrpcEndpoint.Handle(Empty.Parser, PortRange));
        application.MapPost(
            Service + "NotifyInterfaceDown",
            GrpcEndpoint.Handle(Daemon.NotifyInterfaceDownRequest.Parser, NotifyInterfaceDown));
    }

    private Daemon.PathsResponse Paths(Daemon.PathsRequest request)
    {
        var local = _options.Local.IsdAs;
        var source = request.SourceIsdAs == 0 ? local : new IsdAs(request.SourceIsdAs);
        var destination = new IsdAs(request.DestinationIsdAs);
        if (source != local || destination.IsWildcard)
        {
            throw new GrpcFault(
                GrpcEndpoint.InvalidArgument, $"no paths from {source} to {destination} are known in {local}");
        }
        var now = _time.GetUtcNow();
        var paths = source == destination
            ? [ScionPath.SameAs(local, _options.Local.Mtu, now + TimeSpan.FromDays(1))]
            : _segments.Paths(source, destination).Where(path => path.Expiry > now && !IsRevoked(path, now));
        return new Daemon.PathsResponse
        {
            Paths = { paths.Select(path => DaemonPathEncoder.Encode(WithNextHop(path))) },
        };
    }

    private ScionPath WithNextHop(ScionPath path) =>
        path.IsLocal ? path : path.WithNextHop(_routers.GetValueOrDefault(path.Interfaces[0].Id));

    private bool IsRevoked(ScionPath path, DateTimeOffset now) =>
        path.Interfaces.Any(end => _revoked.TryGetValue(end, out var until) && now < until);

    private Daemon.ASResponse As(Daemon.ASRequest request)
    {
        var local = _options.Local;
        return request.IsdAs == 0 || request.IsdAs == local.IsdAs.Value
            ? new Daemon.ASResponse { IsdAs = local.IsdAs.Value, Core = local.IsCore, Mtu = (uint)local.Mtu }
            : throw new GrpcFault(GrpcEndpoint.NotFound, $"nothing is known of {new IsdAs(request.IsdAs)}");
    }

    private Daemon.InterfacesResponse Interfaces(Daemon.InterfacesRequest request)
    {
        var answer = new Daemon.InterfacesResponse();
        foreach (var (id, address) in _routers)
        {
            answer.Interfaces.Add(id, DaemonPathEncoder.Encode(address));
        }
        return answer;
    }

    private Daemon.PortRangeResponse PortRange(Empty request) => new()
    {
        DispatchedPortStart = _options.DispatchedPorts.First,
        DispatchedPortEnd = _options.DispatchedPorts.Last,
    };

    private Daemon.NotifyInterfaceDownResponse NotifyInterfaceDown(Daemon.NotifyInterfaceDownRequest request)
    {
        if (request.Id is 0 or > ushort.MaxValue)
        {
            throw new GrpcFault(GrpcEndpoint.InvalidArgument, $"{request.Id} is no interface");
        }
        var now = _time.GetUtcNow();
        foreach (var (end, until) in _revoked)
        {
            if (until <= now)
            {
                _revoked.TryRemove(end, out _);
            }
        }
        var reported = new PathInterface(new IsdAs(request.IsdAs), (ushort)request.Id);
        _revoked[reported] = now + _options.RevocationLifetime;
        return new Daemon.NotifyInterfaceDownResponse();
    }
}
