namespace MqttScion.Quic;

/// <summary>
/// The library under TLS is absent or older than needed. The message is one line and names the command that installs it
/// on this system.
/// </summary>
public sealed class TlsUnavailableException : QuicTlsException
{
    /// <summary>Makes the exception with a one-line message.</summary>
    public TlsUnavailableException(string message)
        : base(message)
    {
    }
}
