using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace MqttScion.QuicPerf;

/// <summary>Options that are numbers of bytes, such as <c>200M</c>, <c>64K</c>, <c>1G</c>, by powers of 1024.</summary>
internal static class SizeOption
{
    /// <summary>Makes an option with a default.</summary>
    /// <param name="name">With the dashes.</param>
    /// <param name="description">What it is for.</param>
    /// <param name="defaultBytes">The default.</param>
    public static Option<long> Create(string name, string description, long defaultBytes) => new(name)
    {
        Description = $"{description} Default: {Text(defaultBytes)}.",
        HelpName = "bytes",
        CustomParser = Read,
        DefaultValueFactory = _ => defaultBytes,
    };

    private static long Read(ArgumentResult result)
    {
        var text = result.Tokens[^1].Value;
        const int bitsPerUnit = 10;
        var shift = text.Length == 0 ? 0 : bitsPerUnit * ("KMG".IndexOf(char.ToUpperInvariant(text[^1])) + 1);
        var digits = shift == 0 ? text : text[..^1];
        if (long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number <= long.MaxValue >> (shift + 1))
        {
            return number << shift;
        }
        result.AddError($"expected a number of bytes like 64K, 200M or 1G, found '{text}'.");
        return 0;
    }

    private static string Text(long bytes) => bytes switch
    {
        > 0 when bytes % (1 << 20) == 0 => $"{bytes >> 20}M",
        > 0 when bytes % (1 << 10) == 0 => $"{bytes >> 10}K",
        _ => bytes.ToString(CultureInfo.InvariantCulture),
    };
}
