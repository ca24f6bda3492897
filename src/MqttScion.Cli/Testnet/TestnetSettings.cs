using MqttScion.Scion;
using MqttScion.Testnet;

namespace MqttScion.Cli;

/// <summary>What <c>testnet up</c> was asked for.</summary>
/// <param name="Topology">The network's file or name; null for the default network.</param>
/// <param name="IsLoopback">True to leave out the addresses in that file.</param>
/// <param name="CertificateDirectory">Where the certificates are.</param>
/// <param name="BrokerPort">The broker's port, 0 for a free one; null for no broker.</param>
/// <param name="BrokerQuicPort">The UDP port on which it speaks MQTT over QUIC, 0 for a free one; null for not at all.
/// </param>
/// <param name="EndhostApiPort">The first port of the endhost APIs, 0 for free ones.</param>
/// <param name="ControlPort">The port of the control API, 0 for a free one.</param>
/// <param name="EchoPort">The port of the SCMP responders of hosts, 0 for a free one; null for none.</param>
/// <param name="Segments">Lifetime and age of the path segments.</param>
/// <param name="ClientAs">The AS of the clients; null for one chosen by the network.</param>
/// <param name="ProxyAs">The AS of the proxy; null for one chosen by the network.</param>
/// <param name="TakesFreePorts">True to take free ports in place of those that are in use.</param>
internal sealed record TestnetSettings(
    string? Topology,
    bool IsLoopback,
    string CertificateDirectory,
    int? BrokerPort,
    int? BrokerQuicPort,
    int EndhostApiPort,
    int ControlPort,
    int? EchoPort,
    SegmentFactoryOptions Segments,
    IsdAs? ClientAs,
    IsdAs? ProxyAs,
    bool TakesFreePorts);
