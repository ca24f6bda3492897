using System.Diagnostics.CodeAnalysis;
using System.Net;
using Google.Protobuf.WellKnownTypes;

namespace MqttScion.Scion;

/// <summary>Decodes the paths of a SCION daemon and refuses those that break a rule. Never throws on them.</summary>
internal static class DaemonPathDecoder
{
    private const int NanosPerTick = 100;
    private const int MaxNanos = 999_999_999;

    /// <summary>Decodes a path from <paramref name="source"/> to <paramref name="destination"/>.</summary>
    /// <remarks>
    /// A list of metadata of another length than the number of interfaces asks for is taken as nothing announced: it
    /// says nothing about whether the path carries packets.
    /// </remarks>
    public static bool TryDecode(
        Protobuf.Daemon.Path message,
        IsdAs source,
        IsdAs destination,
        [NotNullWhen(true)] out ScionPath? path,
        [NotNullWhen(false)] out string? error)
    {
        path = null;
        if (source == destination)
        {
            return TryDecodeLocal(message, source, out path, out error);
        }
        var large = message.Interfaces.FirstOrDefault(each => each.Id > ushort.MaxValue);
        var address = message.Interface?.Address?.Address;
        error = large is not null ? $"interface id {large.Id} does not fit 16 bits"
            : message.Interfaces.Count == 0 ? "0 interfaces on the way to another AS"
            : message.Interfaces[0].IsdAs != source.Value || message.Interfaces[^1].IsdAs != destination.Value
                ? $"it leads from {new IsdAs(message.Interfaces[0].IsdAs)} to "
                    + $"{new IsdAs(message.Interfaces[^1].IsdAs)}; asked for was {source} to {destination}"
            : null;
        if (error is not null)
        {
            return false;
        }
        if (!TryReadAddress(address, out var nextHop))
        {
            error = $"the next hop is '{LookupHttp.OneLine(address ?? "")}'; expected an IP address with a port";
            return false;
        }
        var interfaces = message.Interfaces
            .Select(each => new PathInterface(new IsdAs(each.IsdAs), (ushort)each.Id))
            .ToArray();
        var expiry = ToTime(message.Expiration);
        if (!PathAssembler.TryMake(
            message.Raw.Memory, interfaces, message.Mtu, expiry, nextHop, out path, out error))
        {
            return false;
        }
        path = path.WithMetadata(ToMetadata(message, interfaces.Length));
        return true;
    }

    /// <summary>Reads an underlay address, <c>127.0.0.1:30001</c> or <c>[::1]:30001</c>.</summary>
    public static bool TryReadAddress(string? text, [NotNullWhen(true)] out IPEndPoint? address) =>
        IPEndPoint.TryParse(text ?? "", out address) && address.Port != 0;

    private static bool TryDecodeLocal(
        Protobuf.Daemon.Path message,
        IsdAs source,
        [NotNullWhen(true)] out ScionPath? path,
        [NotNullWhen(false)] out string? error)
    {
        path = null;
        var expiry = ToTime(message.Expiration);
        error = message.Interfaces.Count > 0 ? $"{message.Interfaces.Count} interfaces on the way inside one AS"
            : message.Mtu is 0 or > ushort.MaxValue ? $"mtu {message.Mtu}; expected 1 to {ushort.MaxValue}"
            : expiry is null ? "expiration is missing or out of range"
            : null;
        if (error is not null)
        {
            return false;
        }
        path = ScionPath.SameAs(source, (int)message.Mtu, expiry!.Value);
        return true;
    }

    private static PathMetadata ToMetadata(Protobuf.Daemon.Path message, int count) => new()
    {
        Latencies = OfLength(count - 1, message.Latency, ToLatency),
        BandwidthsKbps = OfLength(count - 1, message.Bandwidth, each => each),
        Locations = OfLength(count, message.Geo, ToLocation),
        LinkTypes = OfLength(count / 2, message.LinkType, ToLinkType),
        InternalHops = OfLength(count / 2 - 1, message.InternalHops, each => each),
        Notes = OfLength(count / 2 + 1, message.Notes, each => each),
    };

    private static TTo[] OfLength<TFrom, TTo>(int length, IReadOnlyCollection<TFrom> list, Func<TFrom, TTo> convert) =>
        list.Count == length ? [.. list.Select(convert)] : [];

    private static TimeSpan? ToLatency(Duration each) =>
        each.Seconds is < 0 or > 86_400 || each.Nanos is < 0 or > MaxNanos
            ? null
            : TimeSpan.FromSeconds(each.Seconds) + TimeSpan.FromTicks(each.Nanos / NanosPerTick);

    private static DateTimeOffset? ToTime(Timestamp? time) =>
        time is null || time.Seconds is < 0 or > 2L * uint.MaxValue || time.Nanos is < 0 or > MaxNanos
            ? null
            : DateTimeOffset.UnixEpoch + TimeSpan.FromSeconds(time.Seconds)
                + TimeSpan.FromTicks(time.Nanos / NanosPerTick);

    private static GeoCoordinates? ToLocation(Protobuf.Daemon.GeoCoordinates each) =>
        each is { Latitude: 0, Longitude: 0, Address: "" }
        || each.Latitude is not (>= -90 and <= 90)
        || each.Longitude is not (>= -180 and <= 180)
            ? null
            : new GeoCoordinates(each.Latitude, each.Longitude, each.Address);

    private static PathLinkType ToLinkType(Protobuf.Daemon.LinkType each) =>
        (int)each is >= 1 and <= 3 ? (PathLinkType)each : PathLinkType.Unspecified;
}
