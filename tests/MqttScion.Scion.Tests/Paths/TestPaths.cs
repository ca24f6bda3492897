namespace MqttScion.Scion.Tests;

/// <summary>Paths from 1-1 to 2-1 made up for tests.</summary>
internal static class TestPaths
{
    public static ScionPath Via(string isdAs, DateTimeOffset expiry = default) => Through([isdAs], expiry);

    /// <summary>Each AS in between is entered by its interface 1 and left by its interface 2.</summary>
    public static ScionPath Through(string[] isdAses, DateTimeOffset expiry = default)
    {
        List<PathInterface> interfaces = [new(IsdAs.Parse("1-1"), 2)];
        foreach (var isdAs in isdAses.Select(text => IsdAs.Parse(text)))
        {
            interfaces.Add(new(isdAs, 1));
            interfaces.Add(new(isdAs, 2));
        }
        interfaces.Add(new(IsdAs.Parse("2-1"), 1));
        return new ScionPath(default, interfaces, 1400, expiry, nextHop: null);
    }
}
