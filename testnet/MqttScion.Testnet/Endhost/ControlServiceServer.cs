using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Protobuf = MqttScion.Scion.Protobuf;

namespace MqttScion.Testnet;

/// <summary>
/// The control service of an AS, as far as hosts ask it: segment look-up over gRPC (HTTP/2 without TLS).
/// </summary>
public sealed class ControlServiceServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private ControlServiceServer(WebApplication application) => _application = application;

    /// <summary>The address, as a <c>topology.json</c> names it.</summary>
    public IPEndPoint EndPoint => KestrelHost.EndPointOf(new Uri(_application.Urls.First()));

    /// <summary>Starts a control service; it answers when the task ends.</summary>
    /// <exception cref="IOException">The address is in use.</exception>
    public static async Task<ControlServiceServer> StartAsync(
        ControlServiceServerOptions options,
        SegmentFactory segments,
        CancellationToken cancellationToken = default)
    {
        var handle = GrpcEndpoint.Handle(
            Protobuf.SegmentsRequest.Parser, request => LookUp(options, segments, request));
        return new ControlServiceServer(await KestrelHost
            .StartAsync(
                options.Listen,
                HttpProtocols.Http2,
                application => application.MapPost("/proto.control_plane.v1.SegmentLookupService/Segments", handle),
                cancellationToken)
            .ConfigureAwait(false));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private static Protobuf.SegmentsResponse LookUp(
        ControlServiceServerOptions options, SegmentFactory segments, Protobuf.SegmentsRequest request)
    {
        try
        {
            return segments.LookUp(options.IsdAs, new(request.SrcIsdAs), new(request.DstIsdAs));
        }
        catch (ArgumentException e)
        {
            throw new GrpcFault(GrpcEndpoint.InvalidArgument, e.Message);
        }
    }
}
