using System.Net;
using System.Text;
using System.Text.Json;

namespace MqttScion.Scion;

/// <summary>An error answer of a Connect server: a code and a text made fit for a message.</summary>
/// <param name="Code">The code.</param>
/// <param name="Message">The text; may be empty.</param>
/// <param name="IsForeign">True when the answer is none of a Connect server.</param>
internal readonly record struct ConnectError(string Code, string Message, bool IsForeign = false)
{
    /// <summary>Reads the body of an error answer; what is not Connect's JSON is taken as plain text.</summary>
    public static ConnectError Read(HttpStatusCode status, ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        try
        {
            if (JsonDocument.TryParseValue(ref reader, out var document))
            {
                using (document)
                {
                    return Read(status, document.RootElement);
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not JSON, or a text in it is not valid UTF-8 or UTF-16, of which JsonElement says the latter: plain text,
            // below. Handlers behind a Connect server answer so.
        }
        var text = LookupHttp.OneLine(Encoding.UTF8.GetString(body));

        // A page for people, of some server in between: its mark-up says nothing in one line.
        return new ConnectError(CodeOf(status), text.StartsWith('<') ? "an HTML page instead of an error" : text)
        {
            IsForeign = true,
        };
    }

    private static ConnectError Read(HttpStatusCode status, JsonElement root)
    {
        var code = Text(root, "code");
        return new ConnectError(code.Length > 0 ? code : CodeOf(status), Text(root, "message"), code.Length == 0);
    }

    private static string Text(JsonElement root, string name) =>
        root.ValueKind == JsonValueKind.Object
        && root.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.String
            ? LookupHttp.OneLine(value.GetString()!)
            : "";

    private static string CodeOf(HttpStatusCode status) => (int)status switch
    {
        400 => "invalid_argument",
        401 => "unauthenticated",
        403 => "permission_denied",
        404 => "not_found",
        429 or 502 or 503 or 504 => "unavailable",
        500 => "internal",
        _ => "unknown",
    };
}
