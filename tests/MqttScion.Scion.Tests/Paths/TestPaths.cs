using System.Net;

namespace MqttScion.Scion.Tests;

/// <summary>Paths from 1-1 to 2-1 made up for tests.</summary>
internal static class TestPaths
{
    public static readonly IsdAs Source = IsdAs.Parse("1-1");
    public static readonly IsdAs Destination = IsdAs.Parse("2-1");
    public static readonly IPEndPoint Router = new(IPAddress.Loopback, 30_001);

    public static ScionPath Via(string isdAs, DateTimeOffset expiry = default) => Through([isdAs], expiry);

    /// <summary>Each AS in between is entered by its interface 1 and left by its interface 2.</summary>
    public static ScionPath Through(string[] isdAses, DateTimeOffset expiry = default) =>
        new(default, InterfacesThrough(isdAses), 1400, expiry, nextHop: null);

    /// <summary>The same with the bytes of the path: one segment in construction direction.</summary>
    /// <param name="expiry">When all hop fields expire; half seconds count.</param>
    /// <param name="exit">The interface by which the path leaves the source.</param>
    /// <param name="isdAses">The ASes in between.</param>
    public static ScionPath OnWire(DateTimeOffset expiry, ushort exit, params string[] isdAses)
    {
        var interfaces = InterfacesThrough(isdAses, exit);
        var hops = new HopField[isdAses.Length + 2];
        var made = expiry - HopField.ExpTimeStep;
        for (var i = 0; i < hops.Length; i++)
        {
            var ingress = i == 0 ? (ushort)0 : interfaces[2 * i - 1].Id;
            var egress = i == hops.Length - 1 ? (ushort)0 : interfaces[2 * i].Id;
            var mac = (ulong)made.ToUnixTimeMilliseconds() + (ulong)i;
            hops[i] = new HopField(false, false, ExpTime: 0, ingress, egress, mac);
        }
        var timestamp = (uint)made.ToUnixTimeSeconds();
        var path = PathHeader.Encode([hops.Length], [new InfoField(false, true, 7, timestamp)], hops);
        return new ScionPath(path, interfaces, 1400, hops[0].Expiry(timestamp), Router);
    }

    private static List<PathInterface> InterfacesThrough(string[] isdAses, ushort exit = 2)
    {
        List<PathInterface> interfaces = [new(Source, exit)];
        foreach (var isdAs in isdAses.Select(text => IsdAs.Parse(text)))
        {
            interfaces.Add(new(isdAs, 1));
            interfaces.Add(new(isdAs, 2));
        }
        interfaces.Add(new(Destination, 1));
        return interfaces;
    }
}
