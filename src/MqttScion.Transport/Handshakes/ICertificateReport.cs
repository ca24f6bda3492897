namespace MqttScion.Transport;

/// <summary>What a <see cref="CertificateWatch"/> tells, on any thread; whoever owns it has its words for it.</summary>
internal interface ICertificateReport
{
    /// <summary>The files have changed and are used from now on.</summary>
    void Renewed();

    /// <summary>The files can't be used; those of before are. Told once for each cause.</summary>
    void Unusable(string cause);
}
