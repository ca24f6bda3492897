using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace MqttScion.Simulation;

/// <summary>Claims about a world; the world adds seed, step and time to what is said here.</summary>
internal static class Invariant
{
    public static void Check([DoesNotReturnIf(false)] bool holds, string message)
    {
        if (!holds)
            throw new InvariantException(message);
    }

    /// <summary>The text is only put together when the claim does not hold.</summary>
    public static void Check(
        [DoesNotReturnIf(false)] bool holds,
        [InterpolatedStringHandlerArgument(nameof(holds))] ref Message message)
    {
        if (!holds)
            throw new InvariantException(message.ToString());
    }

    [InterpolatedStringHandler]
    internal ref struct Message
    {
        private DefaultInterpolatedStringHandler _text;

        public Message(int literalLength, int formattedCount, bool holds, out bool isNeeded)
        {
            isNeeded = !holds;
            if (isNeeded)
                _text = new DefaultInterpolatedStringHandler(literalLength, formattedCount);
        }

        public void AppendLiteral(string text) => _text.AppendLiteral(text);

        public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

        public void AppendFormatted<T>(T value, string format) => _text.AppendFormatted(value, format);

        public override string ToString() => _text.ToStringAndClear();
    }
}
