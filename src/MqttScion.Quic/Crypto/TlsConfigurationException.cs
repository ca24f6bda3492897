namespace MqttScion.Quic;

/// <summary>
/// TLS credentials or options cannot be used. The message names the option and why; it holds no secrets.
/// </summary>
public sealed class TlsConfigurationException : QuicTlsException
{
    /// <summary>Makes the exception for one option.</summary>
    public TlsConfigurationException(string option, string problem)
        : base($"TLS option {option}: {problem}") => Option = option;

    /// <summary>The name of the option that cannot be used, as in <see cref="QuicTlsOptions"/>.</summary>
    public string Option { get; }
}
