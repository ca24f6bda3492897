using System.Net;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using MqttScion.Scion;
using Daemon = MqttScion.Scion.Protobuf.Daemon;

namespace MqttScion.Testnet;

/// <summary>Encodes paths as a SCION daemon gives them.</summary>
internal static class DaemonPathEncoder
{
    /// <summary>What a daemon says where no latency is announced: a negative duration.</summary>
    private static readonly Duration UnsetLatency = new() { Nanos = -1 };

    /// <summary>Encodes a path with its metadata.</summary>
    public static Daemon.Path Encode(ScionPath path)
    {
        var metadata = path.Metadata;
        return new Daemon.Path
        {
            Raw = ByteString.CopyFrom(path.DataplanePath.Span),
            Interface = path.NextHop is { } nextHop ? Encode(nextHop) : null,
            Interfaces = { path.Interfaces.Select(Encode) },
            Mtu = (uint)path.Mtu,
            Expiration = Timestamp.FromDateTimeOffset(path.Expiry),
            Latency = { metadata.Latencies.Select(Encode) },
            Bandwidth = { metadata.BandwidthsKbps },
            Geo = { metadata.Locations.Select(Encode) },
            LinkType = { metadata.LinkTypes.Select(each => (Daemon.LinkType)each) },
            InternalHops = { metadata.InternalHops },
            Notes = { metadata.Notes },
        };
    }

    /// <summary>Encodes the internal address of a border router.</summary>
    public static Daemon.Interface Encode(IPEndPoint address) =>
        new() { Address = new Daemon.Underlay { Address = address.ToString() } };

    private static Duration Encode(TimeSpan? latency) =>
        latency is { } each ? Duration.FromTimeSpan(each) : UnsetLatency;

    private static Daemon.PathInterface Encode(PathInterface end) => new() { IsdAs = end.IsdAs.Value, Id = end.Id };

    private static Daemon.GeoCoordinates Encode(GeoCoordinates? location) => location is null
        ? new Daemon.GeoCoordinates()
        : new Daemon.GeoCoordinates
        {
            Latitude = location.Latitude,
            Longitude = location.Longitude,
            Address = location.Address,
        };
}
