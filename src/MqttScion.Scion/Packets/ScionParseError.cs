using System.Globalization;

namespace MqttScion.Scion;

/// <summary>Where and why bytes could not be read as a SCION packet.</summary>
/// <param name="Kind">What is wrong; <see cref="ScionParseErrorKind.None"/> on success.</param>
/// <param name="Offset">The offset in bytes, from the start of what was read, of the field that is wrong.</param>
/// <param name="Expected">The value that was expected or the limit that was passed.</param>
/// <param name="Actual">The value that came.</param>
public readonly record struct ScionParseError(ScionParseErrorKind Kind, int Offset, int Expected, int Actual)
{
    /// <summary>One line: what was expected, what came, and where.</summary>
    public string Message => string.Create(CultureInfo.InvariantCulture, $"at byte {Offset}: {Describe()}");

    /// <inheritdoc/>
    public override string ToString() => Message;

    /// <summary>The same error in bytes that start <paramref name="lengthBytes"/> earlier.</summary>
    internal ScionParseError Shift(int lengthBytes) => this with { Offset = Offset + lengthBytes };

    private FormattableString Describe() => Kind switch
    {
        ScionParseErrorKind.None => $"no error",
        ScionParseErrorKind.Truncated => $"expected {Expected} bytes, got {Actual}",
        ScionParseErrorKind.UnknownVersion => $"expected SCION version {Expected}, got {Actual}",
        ScionParseErrorKind.HeaderLength => $"expected a header of {Expected} bytes, HdrLen says {Actual}",
        ScionParseErrorKind.PayloadLength => $"PayloadLen says {Expected} bytes, got {Actual}",
        ScionParseErrorKind.UnknownPathType => $"expected a path type of at most {Expected}, got {Actual}",
        ScionParseErrorKind.PathLength => $"expected a path of {Expected} bytes, got {Actual}",
        ScionParseErrorKind.SegmentGap => $"segment {Expected} has no hop fields, a later one has {Actual}",
        ScionParseErrorKind.TooManyHops => $"expected at most {Expected} hop fields, got {Actual}",
        ScionParseErrorKind.ExtensionOrder => $"extension header {Actual} repeats or is out of order",
        ScionParseErrorKind.ExtensionOption => $"an option needs {Expected} bytes, the extension has {Actual}",
        ScionParseErrorKind.UdpLength => $"UDP length says {Actual}, expected 8 to {Expected} bytes",
        _ => $"{Kind}",
    };
}
