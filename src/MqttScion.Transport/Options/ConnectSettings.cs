using Microsoft.Extensions.Logging;
using MqttScion.Quic;

namespace MqttScion.Transport;

/// <summary>How to connect: options, checked and frozen.</summary>
internal sealed record ConnectSettings(
    ServerAddress Server,
    QuicDialerOptions Dialing,
    int PathsPerAttempt,
    int BufferBytes,
    int MaxWaitingDatagrams,
    TimeSpan StatisticsInterval)
{
    // How many paths a transport tries, one after the other, when they stay silent.
    private const int MaxPaths = 3;

    /// <summary>Checks and copies options.</summary>
    /// <exception cref="ArgumentException">An option is missing or out of range; the text names each.</exception>
    public static ConnectSettings From(ScionQuicConnectionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        OptionFaults.ThrowIfAny(options.Validate(), nameof(options));
        return new ConnectSettings(
            ServerAddress.Parse(options.Server, AddressScheme.Quic),
            new QuicDialerOptions
            {
                Scion = options.Scion,
                Tls = options.Tls,
                ApplicationProtocol = options.ApplicationProtocol,
                QlogDirectory = options.QlogDirectory,
                Quic = new QuicOptions
                {
                    HandshakeTimeout = options.HandshakeTimeout,
                    IdleTimeout = options.IdleTimeout,
                    MaxBidirectionalStreams = options.MaxBidirectionalStreams,
                    MaxUnidirectionalStreams = options.MaxUnidirectionalStreams,
                    MaxDatagramFrameBytes = DatagramLimits.FrameBytes(options.MaxWaitingDatagrams),
                },
            },
            options.PathsPerAttempt,
            options.BufferBytes,
            options.MaxWaitingDatagrams,
            options.StatisticsInterval);
    }

    /// <summary>Checks and copies options.</summary>
    /// <exception cref="ArgumentException">An option is missing or out of range; the text names each.</exception>
    public static ConnectSettings From(ScionQuicTransportOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        OptionFaults.ThrowIfAny(options.Validate(), nameof(options));
        return new ConnectSettings(
            ServerAddress.Parse(options.Server, AddressScheme.MqttQuic),
            new QuicDialerOptions
            {
                Scion = options.Scion,
                Tls = options.Tls,
                QlogDirectory = options.QlogDirectory,
                Quic = new QuicOptions
                {
                    HandshakeTimeout = options.HandshakeTimeout,
                    IdleTimeout = options.IdleTimeout,
                    // The one stream is ours to open.
                    MaxBidirectionalStreams = 0,
                    MaxUnidirectionalStreams = 0,
                },
            },
            MaxPaths,
            BufferBytes: 256 * 1024,
            MaxWaitingDatagrams: 0,
            options.StatisticsInterval);
    }

    /// <summary>What a connection on a route carries.</summary>
    public ConnectionApplicationOptions ApplicationOf(ServerRoute route, ILogger log) => new(
        route.Server,
        BufferBytes,
        Dialing.Quic.MaxBidirectionalStreams + Dialing.Quic.MaxUnidirectionalStreams,
        MaxWaitingDatagrams,
        new StatisticsFeed(
            StatisticsInterval,
            e => TransportLog.ObserverFailed(log, e, nameof(ScionQuicConnection.Statistics))));
}
