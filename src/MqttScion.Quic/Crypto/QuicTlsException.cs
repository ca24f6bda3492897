namespace MqttScion.Quic;

/// <summary>TLS can't be had: the library that speaks it is missing, or what it is to use can't be used.</summary>
public abstract class QuicTlsException : Exception
{
    private protected QuicTlsException(string message)
        : base(message)
    {
    }
}
