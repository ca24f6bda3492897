using System.Globalization;
using System.Numerics;

namespace MqttScion.Scion;

/// <summary>Numbers in addresses: digits and nothing else.</summary>
internal static class PlainNumber
{
    /// <summary>Reads a number; unlike the parsers of .NET, takes no zero characters behind it.</summary>
    public static bool TryParse<T>(ReadOnlySpan<char> text, out T number, NumberStyles style = NumberStyles.None)
        where T : struct, INumberBase<T> =>
        T.TryParse(text, style, CultureInfo.InvariantCulture, out number) && !text.Contains('\0');
}
