using System.Net;
using System.Text.Json;
using MqttScion.Scion;

namespace MqttScion.Testnet;

/// <summary>A test network as pocketscion's configurator describes it in JSON.</summary>
/// <param name="Topology">The ASes and links.</param>
/// <param name="EndhostApis">Where endhost APIs listen; may be empty.</param>
/// <param name="Routers">Where border routers listen; may be empty.</param>
/// <param name="Snaps">Where SNAPs listen; may be empty.</param>
public sealed record PocketScionConfig(
    Topology Topology,
    IReadOnlyList<PocketScionEndhostApi> EndhostApis,
    IReadOnlyList<PocketScionRouter> Routers,
    IReadOnlyList<PocketScionSnap> Snaps)
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Reads the JSON text of a configuration.</summary>
    /// <exception cref="FormatException">The text is no such configuration; the message says what is wrong.</exception>
    public static PocketScionConfig Parse(string json)
    {
        try
        {
            var config = JsonSerializer.Deserialize<ConfigJson>(json, Options)
                ?? throw new FormatException("The configuration is null.");
            return new PocketScionConfig(
                new Topology(
                    config.Topology.Ases.Select((each, i) =>
                        new TopologyAs(ReadIsdAs($"topology.ases[{i}].isd_as", each.IsdAs), each.IsCore)),
                    config.Topology.Links.Select((text, i) =>
                        Read($"topology.links[{i}]", text, TopologyLink.Parse))),
                [.. (config.EndhostApis ?? []).Select((each, i) => new PocketScionEndhostApi(
                    [.. each.Isds.Select((text, j) => ReadIsdAs($"endhost_apis[{i}].isds[{j}]", text))],
                    ReadEndPoint($"endhost_apis[{i}].listening_addr", each.ListeningAddr)))],
                ReadRouters(config.Routers ?? []),
                [.. (config.Snaps ?? []).Select((each, i) => new PocketScionSnap(
                    ReadIsdAs($"snaps[{i}].data_plane.isd_as", each.DataPlane.IsdAs),
                    ReadEndPoint($"snaps[{i}].listening_addr", each.ListeningAddr),
                    ReadEndPoint($"snaps[{i}].data_plane.listening_addr", each.DataPlane.ListeningAddr)))]);
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw new FormatException($"The configuration is not one of pocketscion: {e.Message}", e);
        }
    }

    private static List<PocketScionRouter> ReadRouters(IReadOnlyList<RouterJson> routers)
    {
        var read = new List<PocketScionRouter>();
        foreach (var (i, each) in routers.Index())
        {
            var isdAs = ReadIsdAs($"routers[{i}].isd_as", each.IsdAs);
            if (read.Any(other => other.IsdAs == isdAs))
            {
                throw new FormatException(
                    $"routers[{i}].isd_as: expected at most one router per AS, got {isdAs} twice.");
            }
            var listen = ReadEndPoint($"routers[{i}].listening_addr", each.ListeningAddr);
            read.Add(new PocketScionRouter(isdAs, each.Interfaces, listen));
        }
        return read;
    }

    private static IsdAs ReadIsdAs(string key, string text) => Read(key, text, each => IsdAs.Parse(each));

    private static IPEndPoint ReadEndPoint(string key, string text) => IPEndPoint.TryParse(text, out var endPoint)
        ? endPoint
        : throw new FormatException($"{key}: expected an address such as 127.0.0.1:30041, got '{text}'.");

    private static T Read<T>(string key, string text, Func<string, T> parse)
    {
        try
        {
            return parse(text);
        }
        catch (FormatException e)
        {
            throw new FormatException($"{key}: {e.Message}", e);
        }
    }

    private sealed record ConfigJson(
        TopologyJson Topology,
        IReadOnlyList<EndhostApiJson>? EndhostApis = null,
        IReadOnlyList<RouterJson>? Routers = null,
        IReadOnlyList<SnapJson>? Snaps = null);

    private sealed record TopologyJson(IReadOnlyList<AsJson> Ases, IReadOnlyList<string> Links);

    private sealed record AsJson(string IsdAs, bool IsCore);

    private sealed record EndhostApiJson(IReadOnlyList<string> Isds, string ListeningAddr);

    private sealed record RouterJson(string IsdAs, IReadOnlyList<ushort> Interfaces, string ListeningAddr);

    private sealed record SnapJson(string ListeningAddr, SnapDataPlaneJson DataPlane);

    private sealed record SnapDataPlaneJson(string IsdAs, string ListeningAddr);
}

/// <summary>An endhost API of the configuration.</summary>
/// <param name="Local">The ASes whose hosts it serves (named <c>isds</c> in the file).</param>
/// <param name="Listen">Where it listens.</param>
public sealed record PocketScionEndhostApi(IReadOnlyList<IsdAs> Local, IPEndPoint Listen);

/// <summary>A border router of the configuration.</summary>
/// <param name="IsdAs">Its AS.</param>
/// <param name="Interfaces">Interfaces named for it; the others of the AS are inside the emulation.</param>
/// <param name="Listen">Its internal address, to which hosts send.</param>
public sealed record PocketScionRouter(IsdAs IsdAs, IReadOnlyList<ushort> Interfaces, IPEndPoint Listen);

/// <summary>A SNAP of the configuration.</summary>
/// <param name="IsdAs">Its AS.</param>
/// <param name="Control">Where its control plane listens (TCP).</param>
/// <param name="DataPlane">Where its data plane listens (UDP).</param>
public sealed record PocketScionSnap(IsdAs IsdAs, IPEndPoint Control, IPEndPoint DataPlane);
