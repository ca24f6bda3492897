using System.Diagnostics.CodeAnalysis;
using Google.Protobuf.Collections;

namespace MqttScion.Scion;

/// <summary>Decodes what an AS announces about itself, and refuses what is beyond reason.</summary>
internal static class EntryMetadataDecoder
{
    /// <summary>The most interfaces that a table may name; the largest ASes have some hundred.</summary>
    public const int MaxInterfaces = 1024;

    /// <summary>The longest note or postal address in UTF-16 units.</summary>
    public const int MaxTextLength = 2048;

    /// <summary>Decodes the extension; the error names the table and the value at fault.</summary>
    public static bool TryDecode(
        Protobuf.StaticInfoExtension message,
        [NotNullWhen(true)] out EntryMetadata? metadata,
        [NotNullWhen(false)] out string? error)
    {
        error = FaultIn(message.Latency?.Intra, "latency.intra")
            ?? FaultIn(message.Latency?.Inter, "latency.inter")
            ?? FaultIn(message.Bandwidth?.Intra, "bandwidth.intra")
            ?? FaultIn(message.Bandwidth?.Inter, "bandwidth.inter")
            ?? FaultIn(message.Geo, "geo")
            ?? FaultIn(message.LinkType, "link_type")
            ?? FaultIn(message.InternalHops, "internal_hops")
            ?? FaultIn(message.Geo)
            ?? FaultIn(message.Note, "note");
        metadata = error is null ? new EntryMetadata(message.Note, Interfaces(message)) : null;
        return metadata is not null;
    }

    private static string? FaultIn<T>(MapField<ulong, T>? table, string name)
    {
        if (table is null)
        {
            return null;
        }
        if (table.Count > MaxInterfaces)
        {
            return $"{name} has {table.Count} entries; at most {MaxInterfaces} are taken";
        }
        foreach (var id in table.Keys)
        {
            if (id > ushort.MaxValue)
            {
                return $"{name} names interface {id}, which does not fit 16 bits";
            }
        }
        return null;
    }

    private static string? FaultIn(MapField<ulong, Protobuf.GeoCoordinates> locations)
    {
        foreach (var (id, location) in locations)
        {
            if (!float.IsFinite(location.Latitude) || !float.IsFinite(location.Longitude))
            {
                return $"geo of interface {id} is {location.Latitude}, {location.Longitude}; expected finite degrees";
            }
            if (FaultIn(location.Address, $"geo address of interface {id}") is { } fault)
            {
                return fault;
            }
        }
        return null;
    }

    private static string? FaultIn(string text, string name) =>
        text.Length > MaxTextLength ? $"{name} has {text.Length} characters; at most {MaxTextLength} are taken" : null;

    private static Dictionary<ushort, InterfaceMetadata> Interfaces(Protobuf.StaticInfoExtension message)
    {
        var interfaces = new Dictionary<ushort, InterfaceMetadata>();
        Set(message.Latency?.Intra, (each, value) => each.EgressLatency = TimeSpan.FromMicroseconds((long)value));
        Set(message.Latency?.Inter, (each, value) => each.LinkLatency = TimeSpan.FromMicroseconds((long)value));
        Set(message.Bandwidth?.Intra, (each, value) => each.EgressKbps = value);
        Set(message.Bandwidth?.Inter, (each, value) => each.LinkKbps = value);
        Set(message.InternalHops, (each, value) => each.EgressHops = value);
        Set(message.LinkType, (each, value) => each.LinkType = LinkTypeOf(value));
        Set(message.Geo, (each, value) =>
            each.Location = new GeoCoordinates(value.Latitude, value.Longitude, value.Address));
        return interfaces;

        void Set<T>(MapField<ulong, T>? table, Action<InterfaceMetadata, T> set)
        {
            foreach (var (id, value) in table ?? [])
            {
                if (!interfaces.TryGetValue((ushort)id, out var each))
                {
                    interfaces.Add((ushort)id, each = new InterfaceMetadata());
                }
                set(each, value);
            }
        }
    }

    private static PathLinkType LinkTypeOf(Protobuf.LinkType type) => type switch
    {
        Protobuf.LinkType.Direct => PathLinkType.Direct,
        Protobuf.LinkType.MultiHop => PathLinkType.MultiHop,
        Protobuf.LinkType.OpenNet => PathLinkType.OpenNet,
        _ => PathLinkType.Unspecified,
    };
}
