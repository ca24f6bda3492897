namespace MqttScion.Testnet;

/// <summary>What an <see cref="EmulatedNetwork"/> offers to hosts beside its routers.</summary>
[Flags]
public enum NetworkServiceKinds
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Endhost APIs, as <see cref="EmulatedNetworkOptions.EndhostApis"/> places them.</summary>
    EndhostApi = 1,

    /// <summary>A SCION daemon for each AS.</summary>
    Daemon = 2,

    /// <summary>A control service for each AS, to which its routers deliver what is sent to the service address.
    /// </summary>
    ControlService = 4,

    /// <summary>A bootstrap server for each AS, which gives its <c>topology.json</c>.</summary>
    BootstrapServer = 8,

    /// <summary>
    /// A responder to SCMP echo requests on the endhost port of each address that hosts have. Where the port is taken,
    /// it is left out, and its <see cref="NetworkService.Fault"/> says so.
    /// </summary>
    EchoResponder = 16,

    /// <summary>All but the echo responders, which need a fixed port.</summary>
    Default = EndhostApi | Daemon | ControlService | BootstrapServer,
}
