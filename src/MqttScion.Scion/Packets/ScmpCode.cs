namespace MqttScion.Scion;

/// <summary>The codes of SCMP destination-unreachable and parameter-problem messages.</summary>
public static class ScmpCode
{
    /// <summary>Destination unreachable: no route.</summary>
    public const byte NoRoute = 0;

    /// <summary>Destination unreachable: the communication is forbidden.</summary>
    public const byte AdministrativelyDenied = 1;

    /// <summary>Destination unreachable: the destination is outside the scope of the source address.</summary>
    public const byte BeyondScopeOfSource = 2;

    /// <summary>Destination unreachable: the host cannot be reached.</summary>
    public const byte AddressUnreachable = 3;

    /// <summary>Destination unreachable: the port is closed.</summary>
    public const byte PortUnreachable = 4;

    /// <summary>Destination unreachable: the source address fails the policy for what comes in or goes out.</summary>
    public const byte SourceFailedPolicy = 5;

    /// <summary>Destination unreachable: the route says to reject.</summary>
    public const byte RejectRoute = 6;

    /// <summary>Parameter problem: a header field is erroneous.</summary>
    public const byte ErroneousHeaderField = 0;

    /// <summary>Parameter problem: the type of the next header is not known.</summary>
    public const byte UnknownNextHeader = 1;

    /// <summary>Parameter problem: the common header breaks a rule.</summary>
    public const byte InvalidCommonHeader = 16;

    /// <summary>Parameter problem: the version of SCION is not known.</summary>
    public const byte UnknownVersion = 17;

    /// <summary>Parameter problem: the flow id is missing.</summary>
    public const byte FlowIdRequired = 18;

    /// <summary>Parameter problem: the packet size does not match the header.</summary>
    public const byte InvalidPacketSize = 19;

    /// <summary>Parameter problem: the path type is not known.</summary>
    public const byte UnknownPathType = 20;

    /// <summary>Parameter problem: the type of a host address is not known.</summary>
    public const byte UnknownAddressFormat = 21;

    /// <summary>Parameter problem: the address header breaks a rule.</summary>
    public const byte InvalidAddressHeader = 32;

    /// <summary>Parameter problem: the source address is not right here.</summary>
    public const byte InvalidSourceAddress = 33;

    /// <summary>Parameter problem: the destination address is not right here.</summary>
    public const byte InvalidDestinationAddress = 34;

    /// <summary>Parameter problem: the path ends here, but the destination is elsewhere.</summary>
    public const byte NonLocalDelivery = 35;

    /// <summary>Parameter problem: the path breaks a rule.</summary>
    public const byte InvalidPath = 48;

    /// <summary>Parameter problem: the hop field's construction ingress is not known or not the one used.</summary>
    public const byte UnknownHopIngressInterface = 49;

    /// <summary>Parameter problem: the hop field's construction egress is not known or not the one used.</summary>
    public const byte UnknownHopEgressInterface = 50;

    /// <summary>Parameter problem: the hop field's MAC is wrong.</summary>
    public const byte InvalidHopMac = 51;

    /// <summary>Parameter problem: the hop field has expired.</summary>
    public const byte PathExpired = 52;

    /// <summary>Parameter problem: these two segments must not be joined here.</summary>
    public const byte InvalidSegmentChange = 53;

    /// <summary>Parameter problem: an extension header breaks a rule.</summary>
    public const byte InvalidExtensionHeader = 64;

    /// <summary>Parameter problem: a hop-by-hop option is not known.</summary>
    public const byte UnknownHopByHopOption = 65;

    /// <summary>Parameter problem: an end-to-end option is not known.</summary>
    public const byte UnknownEndToEndOption = 66;

    private static readonly Dictionary<byte, string> UnreachableNames = new()
    {
        [NoRoute] = "NoRouteToDestination",
        [AdministrativelyDenied] = "CommunicationAdministrativelyDenied",
        [BeyondScopeOfSource] = "BeyondScopeOfSourceAddress",
        [AddressUnreachable] = "AddressUnreachable",
        [PortUnreachable] = "PortUnreachable",
        [SourceFailedPolicy] = "SourceAddressFailedIngressEgressPolicy",
        [RejectRoute] = "RejectRouteToDestination",
    };

    private static readonly Dictionary<byte, string> ParameterNames = new()
    {
        [ErroneousHeaderField] = "ErroneousHeaderField",
        [UnknownNextHeader] = "UnknownNextHdrType",
        [InvalidCommonHeader] = "InvalidCommonHeader",
        [UnknownVersion] = "UnknownSCIONVersion",
        [FlowIdRequired] = "FlowIDRequired",
        [InvalidPacketSize] = "InvalidPacketSize",
        [UnknownPathType] = "UnknownPathType",
        [UnknownAddressFormat] = "UnknownAddressFormat",
        [InvalidAddressHeader] = "InvalidAddressHeader",
        [InvalidSourceAddress] = "InvalidSourceAddress",
        [InvalidDestinationAddress] = "InvalidDestinationAddress",
        [NonLocalDelivery] = "NonLocalDelivery",
        [InvalidPath] = "InvalidPath",
        [UnknownHopIngressInterface] = "UnknownHopFieldIngressInterface",
        [UnknownHopEgressInterface] = "UnknownHopFieldEgressInterface",
        [InvalidHopMac] = "InvalidHopFieldMAC",
        [PathExpired] = "PathExpired",
        [InvalidSegmentChange] = "InvalidSegmentChange",
        [InvalidExtensionHeader] = "InvalidExtensionHeader",
        [UnknownHopByHopOption] = "UnknownHopByHopOption",
        [UnknownEndToEndOption] = "UnknownEndToEndOption",
    };

    /// <summary>The name of a type and code: <c>ParameterProblem(PathExpired)</c>.</summary>
    public static string Describe(ScmpType type, byte code)
    {
        if (!Enum.IsDefined(type))
            return $"{(byte)type}({code})";
        var name = type switch
        {
            ScmpType.DestinationUnreachable => UnreachableNames.GetValueOrDefault(code),
            ScmpType.ParameterProblem => ParameterNames.GetValueOrDefault(code),
            _ => null,
        };
        var hasCodes = type is ScmpType.DestinationUnreachable or ScmpType.ParameterProblem;
        return name is not null ? $"{type}({name})" : hasCodes || code != 0 ? $"{type}(Code: {code})" : $"{type}";
    }
}
