namespace MqttScion.Quic;

/// <content>The choice of the provider, beside the provider: nobody else names it.</content>
public abstract partial class QuicCrypto
{
    /// <summary>The provider that is used unless another is given: GnuTLS.</summary>
    public static QuicCrypto Default { get; } = new GnuTlsCrypto();
}
