namespace MqttScion.Testnet;

/// <summary>Reads a test network from a file, in the form that its extension tells, or by its name.</summary>
internal static class TopologyFile
{
    // More than any test network needs; a file that is none, such as a disk image, is refused before it is read.
    private const int MaxBytes = 4 << 20;

    internal static (Topology Topology, PocketScionConfig? Config) Load(string pathOrName)
    {
        ArgumentNullException.ThrowIfNull(pathOrName);
        if (Topology.WellKnown.TryGetValue(pathOrName, out var known))
        {
            return (known, null);
        }
        var name = Path.GetFileName(pathOrName);
        switch (Path.GetExtension(pathOrName).ToUpperInvariant())
        {
            case ".JSON":
                var config = ReadConfig(name, ReadText(pathOrName));
                return (config.Topology, config);
            case ".TOPO" or ".YML" or ".YAML":
                return (TopoFile.Parse(ReadText(pathOrName), name), null);
            default:
                throw new FormatException(
                    $"'{pathOrName}' is no topology: expected a file that ends in .json (pocketscion) or in .topo, .yml"
                    + $" or .yaml (scionproto), or one of {string.Join(", ", Topology.WellKnown.Keys)}.");
        }
    }

    private static PocketScionConfig ReadConfig(string name, string json)
    {
        try
        {
            return PocketScionConfig.Parse(json);
        }
        catch (FormatException e)
        {
            throw new FormatException($"{name}: {e.Message}", e);
        }
    }

    private static string ReadText(string path)
    {
        var length = new FileInfo(path).Length;
        return length <= MaxBytes
            ? File.ReadAllText(path)
            : throw new FormatException($"{Path.GetFileName(path)}: expected at most {MaxBytes} bytes, got {length}.");
    }
}
