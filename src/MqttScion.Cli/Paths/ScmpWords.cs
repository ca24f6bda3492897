using MqttScion.Scion;

namespace MqttScion.Cli;

/// <summary>SCMP errors and other outcomes of probes in words.</summary>
internal static class ScmpWords
{
    /// <summary>What an SCMP error says.</summary>
    public static string Of(in ScmpMessage scmp) => scmp.Type switch
    {
        ScmpType.ExternalInterfaceDown => $"interface {scmp.IsdAs}#{scmp.Interface} is down",
        ScmpType.InternalConnectivityDown =>
            $"no connection inside {scmp.IsdAs} from interface {scmp.Interface} to {scmp.Egress}",
        ScmpType.PacketTooBig => $"packet too big: the next link carries {scmp.Mtu} bytes",
        ScmpType.ParameterProblem => $"{ScmpCode.Describe(scmp.Type, scmp.Code)} at byte {scmp.ParameterPointer}",
        ScmpType.DestinationUnreachable => scmp.Code switch
        {
            ScmpCode.NoRoute => "no route to the destination",
            ScmpCode.AdministrativelyDenied => "communication administratively denied",
            ScmpCode.BeyondScopeOfSource => "the destination is beyond the scope of the source address",
            ScmpCode.AddressUnreachable => "the host is unreachable",
            ScmpCode.PortUnreachable => "the port is unreachable",
            ScmpCode.SourceFailedPolicy => "the source address is filtered",
            ScmpCode.RejectRoute => "the route to the destination is rejected",
            _ => ScmpCode.Describe(scmp.Type, scmp.Code),
        },
        _ => ScmpCode.Describe(scmp.Type, scmp.Code),
    };

    /// <summary>One word for an outcome: <c>alive</c>, <c>timeout</c>, <c>scmp</c> or <c>unknown</c>.</summary>
    public static string StatusOf(ProbeOutcome outcome) => outcome switch
    {
        ProbeOutcome.Replied => "alive",
        ProbeOutcome.TimedOut => "timeout",
        ProbeOutcome.Refused => "scmp",
        _ => "unknown",
    };

    /// <summary>What there is to say beyond that word; null for nothing.</summary>
    public static string? DetailOf(ProbeOutcome outcome) => outcome switch
    {
        ProbeOutcome.Refused refused => $"{Of(refused.Scmp)}, says {HostOf(refused.From)}",
        ProbeOutcome.TimedOut timedOut => $"no answer within {DurationText.Of(timedOut.After)}",
        ProbeOutcome.NotSent notSent => $"not sent: {notSent.Why}",
        _ => null,
    };

    /// <summary>The form <c>[1-ff00:0:111,10.0.0.2]</c>: an address without its port.</summary>
    public static string HostOf(in ScionEndPoint endPoint) => $"[{endPoint.IsdAs},{endPoint.Host}]";
}
