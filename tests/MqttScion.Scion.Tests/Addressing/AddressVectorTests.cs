using System.Text.Json;

namespace MqttScion.Scion.Tests;

public class AddressVectorTests
{
    private static JsonElement Vectors => VectorFile.Json("addr.json");

    [VectorFact]
    public void Isd_table_holds()
    {
        foreach (var valid in Vectors.GetProperty("isd").Table("valid", 3))
            IsdAs.Parse($"{valid.Name}-1").Isd.Should().Be(valid.Value.GetUInt16());
        foreach (var text in Vectors.GetProperty("isd").Texts("invalid", 3))
            IsdAs.TryParse($"{text}-1", out _).Should().BeFalse(text);
    }

    [VectorFact]
    public void As_table_holds()
    {
        foreach (var valid in Vectors.GetProperty("as").Table("valid", 7))
        {
            IsdAs.TryParseAs(valid.Name, out var number).Should().BeTrue(valid.Name);
            number.Should().Be(valid.Value.GetUInt64());
        }
        foreach (var text in Vectors.GetProperty("as").Texts("invalid", 12))
            IsdAs.TryParseAs(text, out _).Should().BeFalse(text);
        foreach (var row in Vectors.Rows("as_format", 7))
            IsdAs.FormatAs(row[0].GetUInt64()).Should().Be(row[1].GetString());
        foreach (var row in Vectors.Rows("as_file_format", 4))
        {
            var (number, separator) = (row[0].GetUInt64(), row[1].GetString()![0]);
            IsdAs.FormatAs(number, separator).Should().Be(row[2].GetString());
            IsdAs.TryParseAs(row[2].GetString(), out var read, separator).Should().BeTrue();
            read.Should().Be(number);
        }
    }

    [VectorFact]
    public void IsdAs_table_holds()
    {
        foreach (var valid in Vectors.GetProperty("ia").Table("valid", 7))
        {
            var isdAs = IsdAs.Parse(valid.Name);
            isdAs.Should().Be(new IsdAs(valid.Value[0].GetUInt16(), valid.Value[1].GetUInt64()));
        }
        foreach (var text in Vectors.GetProperty("ia").Texts("invalid", 11))
            IsdAs.TryParse(text, out _).Should().BeFalse(text);
        foreach (var row in Vectors.Rows("ia_format", 6))
            new IsdAs(row[0].GetUInt16(), row[1].GetUInt64()).ToString().Should().Be(row[2].GetString());
    }

    [VectorFact]
    public void Host_table_holds()
    {
        var hosts = Vectors.GetProperty("host");
        foreach (var text in hosts.Texts("invalid", 10))
            ScionHost.TryParse(text, out _).Should().BeFalse(text);
        foreach (var text in hosts.Texts("ipv6", 8))
        {
            ParseHost(text).Kind.Should().Be(ScionHostKind.IPv6, text);
            ParseHost(ParseHost(text).ToString()).Should().Be(ParseHost(text));
        }
        foreach (var text in hosts.Texts("ipv4", 7))
        {
            ParseHost(text).Kind.Should().Be(ScionHostKind.IPv4, text);
            ParseHost(text).ToString().Should().Be(text);
        }
    }

    [VectorFact]
    public void Service_table_holds()
    {
        var services = Vectors.GetProperty("svc");
        foreach (var valid in services.Table("valid", 9))
        {
            ParseHost(valid.Name).TryGetService(out var service).Should().BeTrue();
            service.Value.Should().Be(valid.Value.GetUInt16());
        }
        foreach (var text in services.Texts("invalid", 7))
            ServiceAddress.TryParse(text, out _).Should().BeFalse(text);
        foreach (var row in services.Rows("format", 7))
            new ServiceAddress(row[0].GetUInt16()).ToString().Should().Be(row[1].GetString());
    }

    [VectorFact]
    public void Address_table_holds()
    {
        foreach (var valid in Vectors.GetProperty("addr").Table("valid", 7))
        {
            var endPoint = ScionEndPoint.Parse($"[{valid.Name}]:1");
            endPoint.IsdAs.Should().Be(IsdAs.Parse(valid.Value[0].GetString()!));
            endPoint.Host.ToString().Should().Be(valid.Value[1].GetString());
            ScionEndPoint.Parse(valid.Name).Should().Be(endPoint with { Port = 0 });
        }
        foreach (var text in Vectors.GetProperty("addr").Texts("invalid", 8))
        {
            ScionEndPoint.TryParse($"[{text}]:1", out _).Should().BeFalse(text);
            ScionEndPoint.TryParse(text, out _).Should().BeFalse(text);
        }
    }

    [VectorFact]
    public void Address_with_port_table_holds()
    {
        foreach (var valid in Vectors.GetProperty("addr_port").Table("valid", 8))
        {
            var expected = new ScionEndPoint(
                IsdAs.Parse(valid.Value[0].GetString()!),
                ParseHost(valid.Value[1].GetString()!),
                valid.Value[2].GetUInt16());
            ScionEndPoint.Parse(valid.Name).Should().Be(expected);
            ScionEndPoint.Parse(expected.ToString()).Should().Be(expected);
        }
        foreach (var text in Vectors.GetProperty("addr_port").Texts("invalid", 11))
            ScionEndPoint.TryParse(text, out _).Should().BeFalse(text);
    }

    [VectorFact]
    public void Legacy_endpoint_table_holds()
    {
        var table = Vectors.GetProperty("udp_addr");
        foreach (var text in table.Texts("invalid", 22))
            ScionEndPoint.TryParse(text, out _).Should().BeFalse(text);
        foreach (var row in table.Rows("valid", 16))
        {
            var endPoint = ScionEndPoint.Parse(row[0].GetString()!);
            endPoint.IsdAs.Should().Be(IsdAs.Parse(row[1].GetString()!));
            endPoint.Port.Should().Be(row[3].GetUInt16());
            endPoint.Host.Zone.Should().Be(row[4].GetString());
            (endPoint.Host.ToWireForm() == ParseHost(row[2].GetString()!)).Should().BeTrue();
        }
        foreach (var row in table.Rows("format", 3))
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
        foreach (var row in vectors.Rows("pack", 4))
        {
            var host = ParseHost(row.GetProperty("host").GetString()!).ToWireForm();
            host.TypeAndLength.Should().Be(row.GetProperty("type").GetByte());
            var bytes = new byte[host.Length];
            host.CopyTo(bytes);
            bytes.Should().Equal(Convert.FromHexString(row.GetProperty("raw").GetString()!));
        }
        foreach (var row in vectors.Rows("parse_error", 1))
        {
            // The bytes are carried all the same: only what they mean is not known.
            var raw = Convert.FromHexString(row.GetProperty("raw").GetString()!);
            var host = ScionHost.FromWire(row.GetProperty("type").GetInt32(), raw);
            host.Kind.Should().Be(ScionHostKind.Unknown);
            host.TryGetIPAddress(out _).Should().BeFalse();
            host.TryGetService(out _).Should().BeFalse();
        }
        foreach (var row in vectors.Rows("unknown_types_roundtrip", 4))
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
}
