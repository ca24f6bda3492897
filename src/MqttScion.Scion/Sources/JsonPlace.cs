using System.Globalization;
using System.Net;
using System.Text.Json;

namespace MqttScion.Scion;

/// <summary>
/// A value in a JSON document with the way to it, so that a fault can be named: <c>$.border_routers.br1 is …</c>. What
/// is read out throws <see cref="FormatException"/> when it is not as expected.
/// </summary>
internal readonly struct JsonPlace
{
    private const int MaxNameLength = 60;

    private readonly JsonElement _element;
    private readonly string _path;

    private JsonPlace(JsonElement element, string path)
    {
        _element = element;
        _path = path;
    }

    /// <summary>A required member of an object.</summary>
    public JsonPlace this[string name] =>
        Find(name) ?? throw new FormatException($"{_path}.{name} is missing");

    /// <summary>Reads a document.</summary>
    /// <param name="json">The text in UTF-8.</param>
    /// <param name="read">Reads what is needed; must not keep the place.</param>
    /// <exception cref="FormatException">The text is not JSON, or not as expected; the message says where.</exception>
    public static T Read<T>(ReadOnlyMemory<byte> json, Func<JsonPlace, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return read(new JsonPlace(document.RootElement, "$"));
        }
        catch (JsonException e)
        {
            throw new FormatException($"it is not JSON: {LookupHttp.OneLine(e.Message)}", e);
        }
        catch (InvalidOperationException e) when (e is not ObjectDisposedException)
        {
            // What JsonElement throws for text that is not valid UTF-8 or UTF-16.
            throw new FormatException($"it is not JSON in UTF-8: {LookupHttp.OneLine(e.Message)}", e);
        }
    }

    /// <summary>An optional member of an object; null when it is missing or null.</summary>
    public JsonPlace? Find(string name)
    {
        Expect(JsonValueKind.Object, "an object");
        return _element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? new JsonPlace(value, $"{_path}.{name}")
            : null;
    }

    /// <summary>The members of an object, at most <paramref name="most"/>.</summary>
    public IEnumerable<(string Name, JsonPlace Value)> Members(int most)
    {
        Expect(JsonValueKind.Object, "an object");
        var path = _path;
        var count = _element.GetPropertyCount();
        return count <= most
            ? _element.EnumerateObject()
                .Select(each => (
                    each.Name,
                    new JsonPlace(each.Value, $"{path}.{LookupHttp.OneLine(each.Name, MaxNameLength)}")))
            : throw new FormatException($"{_path} has {count} members; at most {most} are taken");
    }

    /// <summary>The items of an array, at most <paramref name="most"/>.</summary>
    public IEnumerable<JsonPlace> Items(int most)
    {
        Expect(JsonValueKind.Array, "an array");
        var path = _path;
        var count = _element.GetArrayLength();
        return count <= most
            ? _element.EnumerateArray().Select((each, i) => new JsonPlace(
                each, string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]")))
            : throw new FormatException($"{_path} has {count} items; at most {most} are taken");
    }

    /// <summary>True when the value is the literal null.</summary>
    public bool IsNull => _element.ValueKind == JsonValueKind.Null;

    public string Text()
    {
        Expect(JsonValueKind.String, "a text");
        return _element.GetString()!;
    }

    public bool Flag() =>
        _element.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? _element.GetBoolean()
            : throw Fault("true or false");

    public long Number(long least, long most) =>
        _element.ValueKind == JsonValueKind.Number
        && _element.TryGetInt64(out var number)
        && number >= least
        && number <= most
            ? number
            : throw Fault(string.Create(CultureInfo.InvariantCulture, $"a whole number from {least} to {most}"));

    public float Real(float least, float most) =>
        _element.ValueKind == JsonValueKind.Number
        && _element.TryGetSingle(out var number)
        && number >= least
        && number <= most
            ? number
            : throw Fault(string.Create(CultureInfo.InvariantCulture, $"a number from {least} to {most}"));

    public IsdAs IsdAs() =>
        Scion.IsdAs.TryParse(Text(), out var isdAs) && !isdAs.IsWildcard
            ? isdAs
            : throw Fault("an ISD-AS such as 1-ff00:0:110");

    public PathInterface Interface()
    {
        var text = Text().AsSpan();
        var hash = text.IndexOf('#');
        return hash > 0
            && Scion.IsdAs.TryParse(text[..hash], out var isdAs)
            && !isdAs.IsWildcard
            && TryReadId(text[(hash + 1)..], out var id)
                ? new PathInterface(isdAs, id)
                : throw Fault("an interface such as 1-ff00:0:110#2");
    }

    public IPEndPoint EndPoint() =>
        IPEndPoint.TryParse(Text(), out var address) && address.Port != 0
            ? address
            : throw Fault("an IP address with a port");

    /// <summary>
    /// A host with a port, as address (<see cref="IPEndPoint"/>) or by name (<see cref="DnsEndPoint"/>).
    /// </summary>
    public EndPoint HostEndPoint()
    {
        var text = Text();
        if (IPEndPoint.TryParse(text, out var address) && address.Port != 0)
        {
            return address;
        }
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0
            && TryReadId(text.AsSpan(colon + 1), out var port)
            && Uri.CheckHostName(text[..colon]) == UriHostNameType.Dns
                ? new DnsEndPoint(text[..colon], port)
                : throw Fault("an IP address or a host name with a port");
    }

    public DateTimeOffset Time() =>
        DateTimeOffset.TryParse(
            Text(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw Fault("a time such as 2030-01-31T12:00:00Z");

    /// <summary>Ports as in a topology: <c>31000-32767</c>, <c>all</c>, and <c>-</c> or nothing for none.</summary>
    public PortRange Ports()
    {
        var text = Text();
        if (text is "" or "-")
        {
            return default;
        }
        if (text is "all" or "ALL")
        {
            return new PortRange(1, ushort.MaxValue);
        }
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        return dash > 0
            && TryReadId(text.AsSpan(0, dash), out var first)
            && TryReadId(text.AsSpan(dash + 1), out var last)
            && first <= last
                ? new PortRange(first, last)
                : throw Fault("a range of ports such as 31000-32767, all or -");
    }

    public byte[] Hex()
    {
        var text = Text();
        var bytes = new byte[text.Length / 2];
        return text.Length % 2 == 0
            && Convert.FromHexString(text, bytes, out _, out _) == System.Buffers.OperationStatus.Done
                ? bytes
                : throw Fault("bytes in hexadecimal");
    }

    /// <summary>Reads 1 to 65535: the number of an interface or a port.</summary>
    public static bool TryReadId(ReadOnlySpan<char> text, out ushort id) =>
        PlainNumber.TryParse(text, out id) && id != 0;

    /// <summary>The exception that says what the value is and what was expected.</summary>
    public FormatException Fault(string expected) =>
        new($"{_path} is {LookupHttp.OneLine(_element.GetRawText())}; expected {expected}");

    private void Expect(JsonValueKind kind, string expected)
    {
        if (_element.ValueKind != kind)
        {
            throw Fault(expected);
        }
    }
}
