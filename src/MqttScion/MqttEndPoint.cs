using System.Diagnostics.CodeAnalysis;
using MqttScion.Scion;

namespace MqttScion;

/// <summary>
/// Where MQTT over QUIC is spoken: on SCION (<c>[1-ff00:0:110,10.0.0.2]:8883</c>, also with <c>scion://</c> in front),
/// or on plain IP (<c>mqtt-quic://broker.example:14567</c>).
/// </summary>
/// <remarks>Immutable; two that mean the same are equal: host names and schemes are compared without case.</remarks>
public sealed record MqttEndPoint
{
    /// <summary>
    /// The UDP port of an <c>mqtt-quic</c> address that names none: that of EMQX, as IANA assigned none.
    /// </summary>
    public const int DefaultQuicPort = 14567;

    private MqttEndPoint(ServerAddress address) => Address = address;

    /// <summary>The address as the transport knows it.</summary>
    public ServerAddress Address { get; }

    /// <summary>The SCION address; null on plain IP.</summary>
    public ScionEndPoint? Scion => Address.Scion;

    /// <summary>
    /// The host: on plain IP a DNS name in lower case, or an IP address without brackets; on SCION the host's text.
    /// </summary>
    public string Host => Address.Host;

    /// <summary>The port, 1 to 65535.</summary>
    public int Port => Address.Port;

    /// <summary>An address on SCION.</summary>
    public static implicit operator MqttEndPoint(ScionEndPoint endPoint) => FromScionEndPoint(endPoint);

    /// <summary>The address as the transport knows it.</summary>
    public static implicit operator ServerAddress(MqttEndPoint endPoint)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        return endPoint.Address;
    }

    /// <summary>An address on SCION.</summary>
    /// <remarks>A host that is an IPv4-mapped IPv6 address is taken as the IPv4 address: packets go there.</remarks>
    public static MqttEndPoint FromScionEndPoint(ScionEndPoint endPoint) =>
        new(ServerAddress.FromScionEndPoint(endPoint));

    /// <summary>The address as the transport knows it.</summary>
    public ServerAddress ToServerAddress() => Address;

    /// <summary>Parses text.</summary>
    /// <exception cref="FormatException">It is none of the forms; the text says what was expected and what came.
    /// </exception>
    public static MqttEndPoint Parse(string text) => new(ServerAddress.Parse(text, AddressScheme.MqttQuic));

    /// <summary>Parses text without an exception.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out MqttEndPoint? result) =>
        TryParse(text, out result, out _);

    /// <summary>Parses text without an exception and says what is wrong with it.</summary>
    /// <param name="text">The text.</param>
    /// <param name="result">The address; null when there is a problem.</param>
    /// <param name="problem">What was expected and what came; null on success.</param>
    public static bool TryParse(
        [NotNullWhen(true)] string? text,
        [NotNullWhen(true)] out MqttEndPoint? result,
        [NotNullWhen(false)] out string? problem)
    {
        result = ServerAddress.TryParse(text, AddressScheme.MqttQuic, out var address, out problem)
            ? new MqttEndPoint(address)
            : null;
        return result is not null;
    }

    /// <summary>The text that <see cref="Parse"/> reads: on SCION the bare address.</summary>
    public override string ToString() => Address.ToString();
}
