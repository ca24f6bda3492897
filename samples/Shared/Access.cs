namespace MqttScion.Samples;

/// <summary>Whom a sample's client reaches, how, and as whom.</summary>
internal sealed record Access(
    string Server, string? EndhostApi, string? Daemon, string CaCert, string Cert, string Key)
{
    /// <summary>Writes it over what the options say of it.</summary>
    public void ApplyTo(ScionMqttClientOptions options)
    {
        options.Servers.Clear();
        options.Servers.Add(Server);
        ApplyTo(options.Scion);
        ApplyTo(options.Tls);
    }

    private void ApplyTo(ScionOptions scion) =>
        (scion.EndhostApi, scion.Daemon) = (EndhostApi is null ? null : new Uri(EndhostApi), Daemon);

    private void ApplyTo(TlsOptions tls) =>
        (tls.TrustedCertificates, tls.Certificate, tls.Key) = (CaCert, Cert, Key);
}
