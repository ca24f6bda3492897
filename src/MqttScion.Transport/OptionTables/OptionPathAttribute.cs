namespace MqttScion.Options;

/// <summary>An option that is the path of a file or directory, relative to the working directory; in the configuration
/// of a host, to its content root.</summary>
/// <param name="target">What must be there.</param>
/// <param name="kind">What the path leads to.</param>
public sealed class OptionPathAttribute(OptionPathTarget target, string kind = "file") : OptionRuleAttribute
{
    /// <summary>What must be there.</summary>
    public OptionPathTarget Target { get; } = target;

    /// <summary>What the path leads to, such as <c>PEM file</c>.</summary>
    public string Kind { get; } = kind;

    /// <inheritdoc/>
    public override string? FindFault(object? value)
    {
        if (value is not string path || string.IsNullOrWhiteSpace(path))
        {
            return $"expected the path of a {Kind}, found nothing.";
        }
        var full = Path.GetFullPath(path);
        return Target switch
        {
            OptionPathTarget.File when !File.Exists(full) => $"the file '{full}' does not exist.",
            OptionPathTarget.Directory => FaultOfDirectory(full),
            OptionPathTarget.WrittenFile => FaultOfDirectory(Path.GetDirectoryName(full)),
            _ => null,
        };
    }

    private static string? FaultOfDirectory(string? full) =>
        full is null || Directory.Exists(full) ? null : $"the directory '{full}' does not exist.";
}
