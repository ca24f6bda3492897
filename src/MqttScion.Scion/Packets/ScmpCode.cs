namespace MqttScion.Scion;

/// <summary>The codes of SCMP destination-unreachable and parameter-problem messages.</summary>
public static class ScmpCode
{
    /// <summary>Destination unreachable: no route.</summary>
    public const byte NoRoute = 0;

    /// <summary>Destination unreachable: the port is closed.</summary>
    public const byte PortUnreachable = 4;

    /// <summary>Parameter problem: a header field is erroneous.</summary>
    public const byte ErroneousHeaderField = 0;

    /// <summary>Parameter problem: the packet size does not match the header.</summary>
    public const byte InvalidPacketSize = 19;

    /// <summary>Parameter problem: the source address is not right here.</summary>
    public const byte InvalidSourceAddress = 33;

    /// <summary>Parameter problem: the destination address is not right here.</summary>
    public const byte InvalidDestinationAddress = 34;

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

    private static readonly string[] UnreachableNames =
    [
        "NoRouteToDestination", "CommunicationAdministrativelyDenied", "BeyondScopeOfSourceAddress",
        "AddressUnreachable", "PortUnreachable", "SourceAddressFailedIngressEgressPolicy", "RejectRouteToDestination",
    ];

    private static readonly Dictionary<byte, string> ParameterNames = new()
    {
        [0] = "ErroneousHeaderField",
        [1] = "UnknownNextHdrType",
        [16] = "InvalidCommonHeader",
        [17] = "UnknownSCIONVersion",
        [18] = "FlowIDRequired",
        [19] = "InvalidPacketSize",
        [20] = "UnknownPathType",
        [21] = "UnknownAddressFormat",
        [32] = "InvalidAddressHeader",
        [33] = "InvalidSourceAddress",
        [34] = "InvalidDestinationAddress",
        [35] = "NonLocalDelivery",
        [48] = "InvalidPath",
        [49] = "UnknownHopFieldIngressInterface",
        [50] = "UnknownHopFieldEgressInterface",
        [51] = "InvalidHopFieldMAC",
        [52] = "PathExpired",
        [53] = "InvalidSegmentChange",
        [64] = "InvalidExtensionHeader",
        [65] = "UnknownHopByHopOption",
        [66] = "UnknownEndToEndOption",
    };

    /// <summary>The name of a type and code: <c>ParameterProblem(PathExpired)</c>.</summary>
    public static string Describe(ScmpType type, byte code)
    {
        if (!Enum.IsDefined(type))
            return $"{(byte)type}({code})";
        var name = type switch
        {
            ScmpType.DestinationUnreachable when code < UnreachableNames.Length => UnreachableNames[code],
            ScmpType.ParameterProblem => ParameterNames.GetValueOrDefault(code),
            _ => null,
        };
        var hasCodes = type is ScmpType.DestinationUnreachable or ScmpType.ParameterProblem;
        return name is not null ? $"{type}({name})" : hasCodes || code != 0 ? $"{type}(Code: {code})" : $"{type}";
    }
}
