using System.Text.Json;

namespace MqttScion.Scion.Tests;

public class AddressVectorTests
{
    private static JsonElement Vectors => VectorFile.Json("addr.json");

    [VectorFact]
    public void Isd_table_holds()
    {
        foreach (var valid in Vectors.GetProperty("isd").GetProperty("valid").EnumerateObject())
            IsdAs.Parse($"{valid.Name}-1").Isd.Should().Be(valid.Value.GetUInt16());
        foreach (var text in Texts(Vectors.GetProperty("isd").GetProperty("invalid")))
            IsdAs.TryParse($"{text}-1", out _).Should().BeFalse(text);
    }

    [VectorFact]
    public void As_table_holds()
    {
        foreach (var valid in Vectors.GetProperty("as").GetProperty("valid").EnumerateObject())
        {
            IsdAs.TryParseAs(valid.Name, out var number).Should().BeTrue(valid.Name);
            number.Should().Be(valid.Value.GetUInt64());
        }
        foreach (var text in Texts(Vectors.GetProperty("as").GetProperty("invalid")))
            IsdAs.TryParseAs(text, out _).Should().BeFalse(text);
        foreach (var row in Vectors.GetProperty("as_format").EnumerateArray())
            IsdAs.FormatAs(row[0].GetUInt64()).Should().Be(row[1].GetString());
        foreach (var row in Vectors.GetProperty("as_file_format").EnumerateArray())
            IsdAs.FormatAs(row[0].GetUInt64(), row[1].GetString()![0]).Should().Be(row[2].GetString());
    }

    [VectorFact]
    public void IsdAs_table_holds()
    {
        foreach (var valid in Vectors.GetProperty("ia").GetProperty("valid").EnumerateObject())
        {
            var isdAs = IsdAs.Parse(valid.Name);
            isdAs.Should().Be(new IsdAs(valid.Value[0].GetUInt16(), valid.Value[1].GetUInt64()));
        }
        foreach (var text in Texts(Vectors.GetProperty("ia").GetProperty("invalid")))
            IsdAs.TryParse(text, out _).Should().BeFalse(text);
        foreach (var row in Vectors.GetProperty("ia_format").EnumerateArray())
            new IsdAs(row[0].GetUInt16(), row[1].GetUInt64()).ToString().Should().Be(row[2].GetString());
    }

    [VectorFact]
    public void Host_table_holds()
    {
        var hosts = Vectors.GetProperty("host");
        foreach (var text in Texts(hosts.GetProperty("invalid")))
            ScionHost.TryParse(text, out _).Should().BeFalse(text);
        foreach (var text in Texts(hosts.GetProperty("ipv6")))
            ParseHost(text).Kind.Should().Be(ScionHostKind.IPv6, text);
        foreach (var text in Texts(hosts.GetProperty("ipv4")))
        {
            ParseHost(text).Kind.Should().Be(ScionHostKind.IPv4, text);
            ParseHost(text).ToString().Should().Be(text);
        }
    }

    [VectorFact]
    public void Service_table_holds()
    {
        var services = Vectors.GetProperty("svc");
        foreach (var valid in services.GetProperty("valid").EnumerateObject())
        {
            ParseHost(valid.Name).TryGetService(out var service).Should().BeTrue();
            service.Value.Should().Be(valid.Value.GetUInt16());
        }
        foreach (var text in Texts(services.GetProperty("invalid")))
            ServiceAddress.TryParse(text, out _).Should().BeFalse(text);
        foreach (var row in services.GetProperty("format").EnumerateArray())
            new ServiceAddress(row[0].GetUInt16()).ToString().Should().Be(row[1].GetString());
    }

    [VectorFact]
    public void Address_table_holds()
    {
        foreach (var valid in Vectors.GetProperty("addr").GetProperty("valid").EnumerateObject())
        {
            var endPoint = ScionEndPoint.Parse($"[{valid.Name}]:1");
            endPoint.IsdAs.Should().Be(IsdAs.Parse(valid.Value[0].GetString()!));
            endPoint.Host.ToString().Should().Be(valid.Value[1].GetString());
        }
        foreach (var text in Texts(Vectors.GetProperty("addr").GetProperty("invalid")))
            ScionEndPoint.TryParse($"[{text}]:1", out _).Should().BeFalse(text);
    }

    [VectorFact]
    public void Address_with_port_table_holds()
    {
        foreach (var valid in Vectors.GetProperty("addr_port").GetProperty("valid").EnumerateObject())
        {
            var expected = new ScionEndPoint(
                IsdAs.Parse(valid.Value[0].GetString()!),
                ParseHost(valid.Value[1].GetString()!),
                valid.Value[2].GetUInt16());
            ScionEndPoint.Parse(valid.Name).Should().Be(expected);
            ScionEndPoint.Parse(expected.ToString()).Should().Be(expected);
        }
        foreach (var text in Texts(Vectors.GetProperty("addr_port").GetProperty("invalid")))
            ScionEndPoint.TryParse(text, out _).Should().BeFalse(text);
    }

    [VectorFact]
    public void Legacy_endpoint_table_holds()
    {
        var table = Vectors.GetProperty("udp_addr");
        foreach (var text in Texts(table.GetProperty("invalid")))
            ScionEndPoint.TryParse(text, out _).Should().BeFalse(text);
        foreach (var row in table.GetProperty("valid").EnumerateArray())
        {
            var endPoint = ScionEndPoint.Parse(row[0].GetString()!);
            endPoint.IsdAs.Should().Be(IsdAs.Parse(row[1].GetString()!));
            endPoint.Port.Should().Be(row[3].GetUInt16());
            endPoint.Host.Zone.Should().Be(row[4].GetString());
            (endPoint.Host.ToWireForm() == ParseHost(row[2].GetString()!)).Should().BeTrue();
        }
        foreach (var row in table.GetProperty("format").EnumerateArray())
        {
            var zone = row[3].GetString() is { Length: > 0 } text ? "%" + text : "";
            var endPoint = new ScionEndPoint(
                IsdAs.Parse(row[0].GetString()!), ParseHost(row[1].GetString() + zone), row[2].GetUInt16());
            endPoint.ToString().Should().Be(row[4].GetString());
        }
    }

    [VectorFact]
    public void Host_type_table_holds()
    {
        var vectors = VectorFile.Json("addr_type.json");
        foreach (var row in vectors.GetProperty("pack").EnumerateArray())
        {
            var host = ParseHost(row.GetProperty("host").GetString()!).ToWireForm();
            host.TypeAndLength.Should().Be(row.GetProperty("type").GetByte());
            var bytes = new byte[host.Length];
            host.CopyTo(bytes);
            bytes.Should().Equal(Convert.FromHexString(row.GetProperty("raw").GetString()!));
        }
        foreach (var row in vectors.GetProperty("unknown_types_roundtrip").EnumerateArray())
        {
            var bytes = Enumerable.Range(1, row.GetProperty("len").GetInt32()).Select(i => (byte)i).ToArray();
            var host = ScionHost.FromWire(row.GetProperty("type").GetInt32(), bytes);
            host.Kind.Should().Be(ScionHostKind.Unknown);
            var copy = new byte[host.Length];
            host.CopyTo(copy).Should().Be(bytes.Length);
            copy.Should().Equal(bytes);
            host.TryGetIPAddress(out _).Should().BeFalse();
        }
    }

    private static ScionHost ParseHost(string text)
    {
        ScionHost.TryParse(text, out var host).Should().BeTrue(text);
        return host;
    }

    private static IEnumerable<string> Texts(JsonElement array) => array.EnumerateArray().Select(e => e.GetString()!);
}
