using Microsoft.Extensions.Logging;

namespace MqttScion.Transport;

/// <summary>Logs what becomes of the certificate files.</summary>
internal sealed class CertificateReport(ILogger log) : ICertificateReport
{
    public void Renewed() => TransportLog.CertificatesRenewed(log);

    public void Unusable(string cause) => TransportLog.CertificatesUnusable(log, cause);
}
