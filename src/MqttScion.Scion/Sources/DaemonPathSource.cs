using System.Net;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace MqttScion.Scion;

/// <summary>Gets paths from a SCION daemon on this host or in this AS, over gRPC.</summary>
/// <remarks>
/// Speaks <c>proto.daemon.v1.DaemonService</c> as scionproto's daemon. Safe to call from several threads; calls share
/// one HTTP/2 connection. A path that breaks the rules is left out and counted in <see cref="RejectedPaths"/>.
/// </remarks>
public sealed class DaemonPathSource : IPathSource, IDisposable
{
    private const string Service = "proto.daemon.v1.DaemonService/";
    private const int MaxPaths = 4096;

    private readonly Uri _url;
    private readonly TimeProvider _time;
    private readonly GrpcClient _client;
    private readonly Refreshed<LocalAs> _local;
    private long _rejectedPaths;

    /// <summary>Makes a source; nothing is asked yet.</summary>
    /// <param name="options">Address and bounds; read once.</param>
    /// <param name="time">The clock for expiry and timeouts; null for the system's.</param>
    /// <param name="handler">The HTTP transport, disposed with the source; null for a direct connection.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public DaemonPathSource(DaemonOptions options, TimeProvider? time = null, HttpMessageHandler? handler = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _url = options.Url;
        _time = time ?? TimeProvider.System;
        _client = new GrpcClient("The SCION daemon", options.Timeout, options.MaxAnswerBytes, _time, handler);
        _local = new Refreshed<LocalAs>(options.LocalLifetime, _time, LocalAsync);
    }

    /// <summary>
    /// How many paths were left out so far: against the rules, or beyond the bound of 4096 of an answer.
    /// </summary>
    public long RejectedPaths => Interlocked.Read(ref _rejectedPaths);

    /// <summary>
    /// How often the daemon could not be asked again about the local AS; what it told before stays in use meanwhile.
    /// </summary>
    public long FailedRefreshes => _local.Failures;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<LocalAs>> GetLocalAsync(CancellationToken cancellationToken = default) =>
        [await _local.GetAsync(cancellationToken).ConfigureAwait(false)];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ScionPath>> GetPathsAsync(
        IsdAs destination,
        IsdAs? source = null,
        CancellationToken cancellationToken = default)
    {
        SingleAs.ThrowIfWildcard(destination);
        var local = await _local.GetAsync(cancellationToken).ConfigureAwait(false);
        if (source is { } asked && asked != local.IsdAs)
        {
            throw Fault(
                "Paths", $"is in {local.IsdAs}; it was to be asked for paths from {asked}.", "invalid_argument");
        }
        var request = new Protobuf.Daemon.PathsRequest
        {
            SourceIsdAs = local.IsdAs.Value,
            DestinationIsdAs = destination.Value,
        };
        var answer = await CallAsync("Paths", request, Protobuf.Daemon.PathsResponse.Parser, cancellationToken)
            .ConfigureAwait(false);
        return Decode(answer, local.IsdAs, destination);
    }

    /// <inheritdoc/>
    public Task ReportDownAsync(PathInterface end, CancellationToken cancellationToken = default) => CallAsync(
        "NotifyInterfaceDown",
        new Protobuf.Daemon.NotifyInterfaceDownRequest { IsdAs = end.IsdAs.Value, Id = end.Id },
        Protobuf.Daemon.NotifyInterfaceDownResponse.Parser,
        cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private List<ScionPath> Decode(Protobuf.Daemon.PathsResponse answer, IsdAs source, IsdAs destination)
    {
        var paths = new List<ScionPath>();
        string? fault = null;
        foreach (var message in answer.Paths.Take(MaxPaths))
        {
            if (DaemonPathDecoder.TryDecode(message, source, destination, out var path, out var error))
            {
                paths.Add(path);
            }
            else
            {
                fault = error;
            }
        }
        Interlocked.Add(ref _rejectedPaths, answer.Paths.Count - paths.Count);
        if (paths.Count == 0 && fault is not null)
        {
            throw Fault("Paths", $"gave only paths that break the rules, such as: {fault}.");
        }
        var now = _time.GetUtcNow();
        return
        [
            .. PathCombinator.RemoveDuplicates(paths, static path => path.Expiry)
                .Where(path => path.Expiry > now)
                .OrderBy(path => path.Hops.Count),
        ];
    }

    private async Task<LocalAs> LocalAsync(CancellationToken cancellationToken)
    {
        var about = await CallAsync(
            "AS", new Protobuf.Daemon.ASRequest(), Protobuf.Daemon.ASResponse.Parser, cancellationToken)
            .ConfigureAwait(false);
        var isdAs = new IsdAs(about.IsdAs);
        if (isdAs.IsWildcard)
        {
            throw Fault("AS", $"says that it is in {isdAs}; expected an AS.");
        }
        if (about.Mtu is 0 or > ushort.MaxValue)
        {
            throw Fault("AS", $"says that the MTU of {isdAs} is {about.Mtu}; expected 1 to {ushort.MaxValue}.");
        }
        return new LocalAs(isdAs)
        {
            Mtu = (int)about.Mtu,
            IsCore = about.Core,
            DispatchedPorts = await PortsAsync(cancellationToken).ConfigureAwait(false),
            Routers = await RoutersAsync(cancellationToken).ConfigureAwait(false),
        };
    }

    private async Task<PortRange?> PortsAsync(CancellationToken cancellationToken)
    {
        Protobuf.Daemon.PortRangeResponse answer;
        try
        {
            answer = await CallAsync(
                "PortRange", new Empty(), Protobuf.Daemon.PortRangeResponse.Parser, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (PathLookupException e) when (e.Code == "unimplemented")
        {
            // A daemon from before scionproto did away with the dispatcher: it doesn't know the range.
            return null;
        }
        var (first, last) = (answer.DispatchedPortStart, answer.DispatchedPortEnd);
        return first <= last && last <= ushort.MaxValue
            ? new PortRange((ushort)first, (ushort)last)
            : throw Fault("PortRange", $"says that the dispatched ports are {first} to {last}; expected a range.");
    }

    private async Task<IReadOnlyDictionary<ushort, IPEndPoint>> RoutersAsync(CancellationToken cancellationToken)
    {
        var answer = await CallAsync(
            "Interfaces",
            new Protobuf.Daemon.InterfacesRequest(),
            Protobuf.Daemon.InterfacesResponse.Parser,
            cancellationToken)
            .ConfigureAwait(false);
        var routers = new Dictionary<ushort, IPEndPoint>();
        foreach (var (id, message) in answer.Interfaces)
        {
            if (id is 0 or > ushort.MaxValue
                || !DaemonPathDecoder.TryReadAddress(message.Address?.Address, out var address))
            {
                var text = LookupHttp.OneLine(message.Address?.Address ?? "");
                throw Fault(
                    "Interfaces",
                    $"says that interface {id} is at '{text}'; expected 1 to {ushort.MaxValue} and an IP address with "
                    + "a port.");
            }
            routers[(ushort)id] = address;
        }
        return routers;
    }

    private PathLookupException Fault(string method, string what, string? code = null) =>
        _client.Fault(_url, Service + method, what, code);

    private Task<TAnswer> CallAsync<TAnswer>(
        string method,
        IMessage message,
        MessageParser<TAnswer> parser,
        CancellationToken cancellationToken)
        where TAnswer : IMessage<TAnswer> =>
        _client.CallAsync(_url, Service + method, message, parser, cancellationToken);
}
