using System.Globalization;
using System.Net;
using System.Text.Json;

namespace MqttScion.Scion;

/// <summary>Reads and writes the files of <see cref="FixedPathSource"/>, which documents the format.</summary>
internal static class FixedPathFile
{
    /// <summary>The largest file read.</summary>
    public const int MaxBytes = 16 << 20;

    private const int MaxLocalAses = 64;
    private const int MaxPaths = 100_000;
    private const int MaxInterfaces = 2 * PathHeader.MaxHopFields;

    /// <summary>Reads a file.</summary>
    /// <exception cref="FormatException">It has another form; the message says where.</exception>
    public static (IReadOnlyList<LocalAs> Local, IReadOnlyList<ScionPath> Paths) Read(ReadOnlyMemory<byte> json) =>
        JsonPlace.Read(json, root =>
        {
            LocalAs[] local = [.. root["local"].Items(MaxLocalAses).Select(ReadLocal)];
            return local.Length > 0
                ? (local, root["paths"].Items(MaxPaths).Select(each => ReadPath(each, local)).ToArray())
                : throw root["local"].Fault("one AS or more");
        });

    /// <summary>Writes a file.</summary>
    public static byte[] Write(IReadOnlyList<LocalAs> local, IReadOnlyList<ScionPath> paths)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            WriteList(json, "local", local, WriteLocal);
            WriteList(json, "paths", [.. paths.Where(path => !path.IsLocal)], WritePath);
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }

    private static LocalAs ReadLocal(JsonPlace place)
    {
        var routers = new Dictionary<ushort, IPEndPoint>();
        foreach (var (name, value) in place.Find("routers")?.Members(ushort.MaxValue) ?? [])
        {
            routers[JsonPlace.TryReadId(name, out var id)
                ? id
                : throw value.Fault("to be named by an interface number from 1 to 65535")] = value.EndPoint();
        }
        return new LocalAs(place["isd_as"].IsdAs())
        {
            Mtu = (int?)place.Find("mtu")?.Number(1, ushort.MaxValue),
            IsCore = place.Find("core")?.Flag(),
            DispatchedPorts = place.Find("dispatched_ports")?.Ports(),
            Routers = routers,
        };
    }

    private static ScionPath ReadPath(JsonPlace place, LocalAs[] local)
    {
        PathInterface[] interfaces = [.. place["interfaces"].Items(MaxInterfaces).Select(each => each.Interface())];
        if (interfaces.Length == 0)
        {
            throw place["interfaces"].Fault("one pair or more");
        }
        var raw = place.Find("dataplane")?.Hex() ?? ReadSegments(place["segments"]);
        var home = local.FirstOrDefault(each => each.IsdAs == interfaces[0].IsdAs);
        var nextHop = place.Find("next_hop")?.EndPoint()
            ?? home?.Routers.GetValueOrDefault(interfaces[0].Id)
            ?? place["next_hop"].EndPoint();
        var mtu = (uint)place["mtu"].Number(1, ushort.MaxValue);
        var expiry = place.Find("expiry")?.Time();
        if (!PathAssembler.TryMake(raw, interfaces, mtu, expiry, nextHop, out var path, out var error))
        {
            throw place["interfaces"].Fault($"a path without contradiction, but {error}");
        }
        return place.Find("metadata") is { } metadata
            ? path.WithMetadata(ReadMetadata(metadata, interfaces.Length))
            : path;
    }

    private static byte[] ReadSegments(JsonPlace place)
    {
        var infos = new List<InfoField>();
        var hops = new List<HopField>();
        var lengths = new List<int>();
        foreach (var segment in place.Items(PathHeader.MaxSegments))
        {
            infos.Add(new InfoField(
                segment["peering"].Flag(),
                segment["cons_dir"].Flag(),
                (ushort)segment["seg_id"].Number(0, ushort.MaxValue),
                (uint)segment["timestamp"].Number(0, uint.MaxValue)));
            var before = hops.Count;
            hops.AddRange(segment["hops"].Items(PathHeader.MaxSegmentLength).Select(ReadHop));
            lengths.Add(hops.Count - before);
        }
        try
        {
            return PathHeader.Encode([.. lengths], [.. infos], [.. hops]);
        }
        catch (ArgumentException e)
        {
            throw new FormatException(
                $"{e.Message} The hop fields of the segments are {string.Join(", ", lengths)}", e);
        }
    }

    private static HopField ReadHop(JsonPlace place) => new(
        (byte)place["exp_time"].Number(0, byte.MaxValue),
        (ushort)place["ingress"].Number(0, ushort.MaxValue),
        (ushort)place["egress"].Number(0, ushort.MaxValue),
        place["mac"].Hex() is { Length: HopField.MacLength } mac ? mac : throw place["mac"].Fault("6 bytes"));

    private static PathMetadata ReadMetadata(JsonPlace place, int count) => new()
    {
        Latencies = ReadList(place, "latency_us", count - 1, each => each.IsNull
            ? (TimeSpan?)null
            : TimeSpan.FromMicroseconds(each.Number(0, uint.MaxValue))),
        BandwidthsKbps = ReadList(place, "bandwidth_kbps", count - 1, each => (ulong)each.Number(0, long.MaxValue)),
        Locations = ReadList(place, "geo", count, each => each.IsNull ? null : new GeoCoordinates(
            each["latitude"].Real(-90, 90), each["longitude"].Real(-180, 180), each["address"].Text())),
        LinkTypes = ReadList(place, "link_type", count / 2, each => (PathLinkType)each.Number(0, 3)),
        InternalHops = ReadList(place, "internal_hops", count / 2 - 1, each => (uint)each.Number(0, uint.MaxValue)),
        Notes = ReadList(place, "notes", count / 2 + 1, each => each.Text()),
    };

    private static T[] ReadList<T>(JsonPlace place, string name, int length, Func<JsonPlace, T> read)
    {
        T[] list = [.. place.Find(name)?.Items(MaxInterfaces).Select(read) ?? []];
        return list.Length == 0 || list.Length == length
            ? list
            : throw place[name].Fault(string.Create(CultureInfo.InvariantCulture, $"no items or {length}"));
    }

    private static void WriteLocal(Utf8JsonWriter json, LocalAs local)
    {
        json.WriteStartObject();
        json.WriteString("isd_as", local.IsdAs.ToString());
        if (local.Mtu is { } mtu)
            json.WriteNumber("mtu", mtu);
        if (local.IsCore is { } isCore)
            json.WriteBoolean("core", isCore);
        if (local.DispatchedPorts is { } ports)
            json.WriteString("dispatched_ports", ports.ToString());
        json.WriteStartObject("routers");
        foreach (var (id, address) in local.Routers.OrderBy(each => each.Key))
        {
            json.WriteString(id.ToString(CultureInfo.InvariantCulture), address.ToString());
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WritePath(Utf8JsonWriter json, ScionPath path)
    {
        json.WriteStartObject();
        WriteList(json, "interfaces", path.Interfaces, (to, each) => to.WriteStringValue(each.ToString()));
        json.WriteString("dataplane", Convert.ToHexStringLower(path.DataplanePath.Span));
        json.WriteNumber("mtu", path.Mtu);
        json.WriteString("expiry", path.Expiry);
        if (path.NextHop is { } nextHop)
            json.WriteString("next_hop", nextHop.ToString());
        json.WriteStartObject("metadata");
        WriteList(json, "latency_us", path.Metadata.Latencies, (to, each) =>
        {
            if (each is { } latency)
                to.WriteNumberValue((long)latency.TotalMicroseconds);
            else
                to.WriteNullValue();
        });
        WriteList(json, "bandwidth_kbps", path.Metadata.BandwidthsKbps, (to, each) => to.WriteNumberValue(each));
        WriteList(json, "geo", path.Metadata.Locations, WriteLocation);
        WriteList(json, "link_type", path.Metadata.LinkTypes, (to, each) => to.WriteNumberValue((int)each));
        WriteList(json, "internal_hops", path.Metadata.InternalHops, (to, each) => to.WriteNumberValue(each));
        WriteList(json, "notes", path.Metadata.Notes, (to, each) => to.WriteStringValue(each));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteLocation(Utf8JsonWriter json, GeoCoordinates? location)
    {
        if (location is null)
        {
            json.WriteNullValue();
            return;
        }
        json.WriteStartObject();
        json.WriteNumber("latitude", location.Latitude);
        json.WriteNumber("longitude", location.Longitude);
        json.WriteString("address", location.Address);
        json.WriteEndObject();
    }

    private static void WriteList<T>(
        Utf8JsonWriter json, string name, IReadOnlyList<T> list, Action<Utf8JsonWriter, T> write)
    {
        json.WriteStartArray(name);
        foreach (var each in list)
        {
            write(json, each);
        }
        json.WriteEndArray();
    }
}
