using System.Globalization;

namespace MqttScion.Scion;

/// <summary>A SCION service address: a 16-bit number whose top bit means multicast.</summary>
/// <param name="Value">The number as it stands on the wire.</param>
public readonly record struct ServiceAddress(ushort Value)
{
    private const ushort MulticastFlag = 0x8000;

    private static readonly (string Name, ushort Value)[] Names =
        [("DS", 0x0001), ("CS", 0x0002), ("Wildcard", 0x0010)];

    /// <summary>The discovery service, <c>DS</c>.</summary>
    public static ServiceAddress Discovery => new(0x0001);

    /// <summary>The control service, <c>CS</c>.</summary>
    public static ServiceAddress Control => new(0x0002);

    /// <summary>Any service, <c>Wildcard</c>.</summary>
    public static ServiceAddress Wildcard => new(0x0010);

    /// <summary>True when all instances of the service are meant, not any one of them.</summary>
    public bool IsMulticast => (Value & MulticastFlag) != 0;

    /// <summary>Parses <c>CS</c>, <c>CS_A</c> (the same) or <c>CS_M</c> (multicast); case matters.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ServiceAddress service)
    {
        var isMulticast = text.EndsWith("_M");
        var name = isMulticast || text.EndsWith("_A") ? text[..^2] : text;
        foreach (var known in Names)
        {
            if (name.SequenceEqual(known.Name))
            {
                service = new ServiceAddress((ushort)(known.Value | (isMulticast ? MulticastFlag : 0)));
                return true;
            }
        }
        service = default;
        return false;
    }

    /// <summary>The name of the service, or <c>&lt;SVC:0x0abc&gt;</c> for a number without one.</summary>
    public override string ToString()
    {
        foreach (var known in Names)
        {
            if (known.Value == (Value & ~MulticastFlag))
                return IsMulticast ? known.Name + "_M" : known.Name;
        }
        return string.Create(CultureInfo.InvariantCulture, $"<SVC:0x{Value:x4}>");
    }
}
