namespace MqttScion.Scion;

/// <summary>
/// A path source could not answer. The message names the address asked, what was expected and what came.
/// </summary>
public sealed class PathLookupException : Exception
{
    /// <summary>Makes the exception for an answer or a failure at <paramref name="url"/>.</summary>
    public PathLookupException(string message, Uri url, string? code = null, Exception? innerException = null)
        : base(message, innerException)
    {
        Url = url;
        Code = code;
    }

    /// <summary>The address asked, without user information and query.</summary>
    public Uri Url { get; }

    /// <summary>
    /// The Connect error code (<c>not_found</c>, <c>unauthenticated</c>, …); null when there was no error answer.
    /// </summary>
    public string? Code { get; }
}
