using System.Text;

namespace MqttScion.Options;

/// <summary>An option that is the name of an application protocol, as ALPN carries it (RFC 7301 §3.1).</summary>
public sealed class ProtocolNameAttribute : OptionTextAttribute
{
    private const int MaxBytes = 255;

    /// <inheritdoc/>
    protected override string? FaultOf(string text) => Encoding.UTF8.GetByteCount(text) is > 0 and <= MaxBytes
        ? null
        : $"expected the name of a protocol, 1 to {MaxBytes} bytes, such as 'file-transfer', found '{text}'.";
}
