using System.Net;
using Microsoft.Extensions.Logging;
using MqttScion.Quic;
using MqttScion.Scion;

namespace MqttScion.Transport;

/// <summary>How to listen: options, checked and frozen.</summary>
internal sealed record ListenSettings(
    string Name,
    IsdAs? IsdAs,
    IPEndPoint Address,
    TlsFiles Tls,
    QuicOptions Quic,
    bool SessionTickets,
    int BufferBytes,
    int MaxWaitingDatagrams,
    TimeSpan StatisticsInterval,
    string? QlogDirectory)
{
    /// <summary>Checks and copies options.</summary>
    /// <exception cref="ArgumentException">An option is missing or out of range; the text names each.</exception>
    public static ListenSettings From(ScionQuicListenerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        OptionFaults.ThrowIfAny(options.Validate(), nameof(options));
        _ = ScionQuicListenerOptions.TryParseListen(options.Listen, out var isdAs, out var address);
        return new ListenSettings(
            options.Listen,
            isdAs,
            address!,
            TlsFiles.From(options.Tls) with
            {
                ApplicationProtocol = options.ApplicationProtocol,
                RequireClientCertificate = options.RequireClientCertificate,
            },
            new QuicOptions
            {
                IdleTimeout = options.IdleTimeout,
                MaxBidirectionalStreams = options.MaxBidirectionalStreams,
                MaxUnidirectionalStreams = options.MaxUnidirectionalStreams,
                MaxConnections = options.MaxConnections,
                MaxDatagramFrameBytes = DatagramLimits.FrameBytes(options.MaxWaitingDatagrams),
            },
            options.SessionTickets,
            options.BufferBytes,
            options.MaxWaitingDatagrams,
            options.StatisticsInterval,
            options.QlogDirectory);
    }

    /// <summary>Binds the socket.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">The address can't be bound.</exception>
    public LoopSocket Bind() => IsdAs is { } isdAs
        ? new ScionLoopSocket(new ScionBinding(isdAs, Address).Open())
        : new UdpLoopSocket(Address, AddressScheme.Quic.Name);

    /// <summary>What the connection of a client carries.</summary>
    public ConnectionApplicationOptions ApplicationOf(ScionEndPoint client, ILogger log) => new(
        IsdAs is null ? ServerAddress.OfIP(client, AddressScheme.Quic.Name) : client,
        BufferBytes,
        Quic.MaxBidirectionalStreams + Quic.MaxUnidirectionalStreams,
        MaxWaitingDatagrams,
        new StatisticsFeed(
            StatisticsInterval,
            e => TransportLog.ObserverFailed(log, e, nameof(ScionQuicConnection.Statistics))));
}
