using System.Net;

namespace MqttScion.Testnet;

/// <summary>The control API could not be asked, or refused; the message says why.</summary>
public sealed class ControlApiException : Exception
{
    internal ControlApiException(string message, HttpStatusCode? status = null, Exception? cause = null)
        : base(message, cause) => Status = status;

    /// <summary>The status of the answer; null when there was none.</summary>
    public HttpStatusCode? Status { get; }
}
