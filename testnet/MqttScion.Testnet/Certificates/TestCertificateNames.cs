namespace MqttScion.Testnet;

/// <summary>The file names of <see cref="TestCertificates"/> in their directory.</summary>
/// <param name="Ca">The certificate of the CA.</param>
/// <param name="Server">The server's certificate.</param>
/// <param name="ServerKey">The server's private key.</param>
/// <param name="Client">The client's certificate.</param>
/// <param name="ClientKey">The client's private key.</param>
public sealed record TestCertificateNames(
    string Ca = "ca.pem",
    string Server = "server.pem",
    string ServerKey = "server.key",
    string Client = "client.pem",
    string ClientKey = "client.key");
