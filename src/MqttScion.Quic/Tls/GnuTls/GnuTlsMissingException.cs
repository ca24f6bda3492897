namespace MqttScion.Quic;

/// <summary>
/// GnuTLS is absent or older than needed. The message is one line and names the command that installs it on this
/// system.
/// </summary>
public sealed class GnuTlsMissingException : QuicTlsException
{
    /// <summary>Makes the exception with a one-line message.</summary>
    public GnuTlsMissingException(string message)
        : base(message)
    {
    }
}
