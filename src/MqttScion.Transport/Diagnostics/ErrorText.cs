using System.Reflection;
using System.Text;

namespace MqttScion.Transport;

/// <summary>Puts exceptions into words for logs and states: one line, whole sentences.</summary>
public static class ErrorText
{
    /// <summary>What failed, as a sentence on one line. Of an exception that only wraps another, the other's.</summary>
    public static string Sentence(Exception error)
    {
        var text = OneLine(Innermost(error).Message);
        return text.Length == 0 ? $"{error.GetType().Name}."
            : text[^1] is '.' or '!' or '?' ? text
            : text + ".";
    }

    /// <summary>The type of an exception and what it says, on one line and without where it was thrown.</summary>
    public static string WithType(Exception? error) =>
        error is null ? "" : $"{error.GetType().Name}: {OneLine(Innermost(error).Message)}";

    /// <summary>Appends members as a record prints them.</summary>
    public static bool Print(StringBuilder builder, params ReadOnlySpan<(string Name, object? Value)> members)
    {
        for (var i = 0; i < members.Length; i++)
        {
            var value = members[i].Value;
            builder.Append(i == 0 ? "" : ", ").Append(members[i].Name).Append(" = ")
                .Append(value as string ?? (value is Exception error ? WithType(error) : value));
        }
        return members.Length > 0;
    }

    // Texts that send the reader to an inner exception, which a log line does not have.
    private static Exception Innermost(Exception error)
    {
        while (error.InnerException is { } inner && IsWrapper(error))
        {
            error = inner;
        }
        return error;
    }

    private static bool IsWrapper(Exception error) => error is TypeInitializationException or TargetInvocationException
        or AggregateException { InnerExceptions.Count: 1 }
        || error.Message.Contains("inner exception", StringComparison.OrdinalIgnoreCase);

    private static string OneLine(string text) => string.Join(
        ' ', text.Split(['\r', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
