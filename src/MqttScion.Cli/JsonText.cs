using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace MqttScion.Cli;

/// <summary>Writes the JSON that commands print.</summary>
internal static class JsonText
{
    // Control characters are still escaped, so that a name from the network can't steer the terminal.
    private static readonly JsonWriterOptions Indented = new()
    {
        Indented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly JsonWriterOptions OneLine = Indented with { Indented = false };

    /// <summary>An object over several lines.</summary>
    /// <param name="write">Writes its members.</param>
    public static string Object(Action<Utf8JsonWriter> write) => Write(Indented, write);

    /// <summary>An object on one line.</summary>
    /// <param name="write">Writes its members.</param>
    public static string Line(Action<Utf8JsonWriter> write) => Write(OneLine, write);

    /// <summary>A time as a number of milliseconds, to the microsecond.</summary>
    public static void WriteMilliseconds(Utf8JsonWriter writer, string name, TimeSpan duration) =>
        writer.WriteNumber(name, Math.Round(duration.TotalMilliseconds, digits: 3));

    private static string Write(JsonWriterOptions options, Action<Utf8JsonWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, options))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }
}
