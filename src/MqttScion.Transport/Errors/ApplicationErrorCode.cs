using System.Runtime.CompilerServices;

namespace MqttScion.Transport;

/// <summary>
/// The codes that an application gives when it closes a connection or cuts a stream. They are checked where they are
/// given: on a loop, whose connections are many people's, it is too late.
/// </summary>
internal static class ApplicationErrorCode
{
    /// <summary>The largest: RFC 9000 §16 has 62 bits for it.</summary>
    public const ulong Max = (1UL << 62) - 1;

    /// <summary>Throws when a code has no form on the wire.</summary>
    public static void ThrowIfTooLarge(
        ulong code, [CallerArgumentExpression(nameof(code))] string? parameter = null) =>
        ArgumentOutOfRangeException.ThrowIfGreaterThan(code, Max, parameter);
}
