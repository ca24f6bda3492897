using MqttScion.Quic;

namespace MqttScion.Transport;

/// <summary>The options of a transport, checked and frozen.</summary>
internal sealed record TransportSettings(
    ServerAddress Server, NetworkSettings Network, QuicOptions Quic, string? QlogDirectory, TimeSpan StatisticsInterval)
{
    /// <summary>Checks and copies options.</summary>
    /// <exception cref="ArgumentException">An option is missing or out of range; the text names each.</exception>
    public static TransportSettings From(ScionQuicTransportOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var faults = options.Validate();
        if (faults.Count > 0)
        {
            throw new ArgumentException("The options are not valid. " + string.Join(' ', faults), nameof(options));
        }
        return new TransportSettings(
            ServerAddress.Parse(options.Server, AddressScheme.MqttQuic),
            NetworkSettings.From(options.Scion, options.Tls),
            new QuicOptions
            {
                HandshakeTimeout = options.HandshakeTimeout,
                IdleTimeout = options.IdleTimeout,
                // The one stream is ours to open.
                MaxBidirectionalStreams = 0,
                MaxUnidirectionalStreams = 0,
            },
            options.QlogDirectory,
            options.StatisticsInterval);
    }
}
