using Microsoft.Extensions.Logging;

namespace MqttScion.Proxy;

/// <summary>Logs what becomes of the certificate files.</summary>
internal sealed class CertificateReport(ILogger log) : ICertificateReport
{
    public void Renewed() => ProxyLog.CertificatesRenewed(log);

    public void Unusable(string cause) => ProxyLog.CertificatesUnusable(log, cause);
}
