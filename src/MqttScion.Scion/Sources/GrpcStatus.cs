using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace MqttScion.Scion;

/// <summary>The outcome of a gRPC call as the server's headers or trailers tell it.</summary>
/// <param name="Number">The status number; 0 for success.</param>
/// <param name="Message">The server's text, made fit for a message; may be empty.</param>
internal readonly record struct GrpcStatus(int Number, string Message)
{
    private static readonly string[] Names =
    [
        "ok", "canceled", "unknown", "invalid_argument", "deadline_exceeded", "not_found", "already_exists",
        "permission_denied", "resource_exhausted", "failed_precondition", "aborted", "out_of_range", "unimplemented",
        "internal", "unavailable", "data_loss", "unauthenticated",
    ];

    /// <summary>The name of the status, spelt as Connect spells it.</summary>
    public string Code => Number < Names.Length ? Names[Number] : "unknown";

    /// <summary>Reads <c>grpc-status</c> and <c>grpc-message</c>.</summary>
    /// <param name="headers">Headers or trailers.</param>
    /// <param name="status">The outcome.</param>
    /// <returns>False when there is no status, or none that is a number.</returns>
    public static bool TryRead(HttpResponseHeaders headers, out GrpcStatus status)
    {
        status = default;
        var text = First(headers, "grpc-status");
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }
        var message = Uri.UnescapeDataString(First(headers, "grpc-message") ?? "");
        status = new GrpcStatus(number, LookupHttp.OneLine(message));
        return true;
    }

    /// <summary>The code for an answer without a gRPC status, as gRPC maps HTTP's.</summary>
    public static string CodeOf(HttpStatusCode status) => (int)status switch
    {
        400 => "internal",
        401 => "unauthenticated",
        403 => "permission_denied",
        404 => "unimplemented",
        429 or 502 or 503 or 504 => "unavailable",
        _ => "unknown",
    };

    private static string? First(HttpResponseHeaders headers, string name) =>
        headers.TryGetValues(name, out var values) ? values.First() : null;
}
