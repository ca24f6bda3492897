namespace MqttScion.Samples.TransportOnly;

/// <summary>What the command line says of one end of a transfer.</summary>
internal sealed record Transfer(
    FileInfo File, string Address, Uri? EndhostApi, string CaCert, string Certificate, string Key)
{
    /// <summary>Both ends show a certificate, and trust one CA.</summary>
    public void Fill(TlsOptions tls) =>
        (tls.TrustedCertificates, tls.Certificate, tls.Key) = (CaCert, Certificate, Key);
}
