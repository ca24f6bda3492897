namespace MqttScion.Options;

/// <summary>An option that is the address of a server.</summary>
/// <param name="scheme">The scheme of addresses on plain IP.</param>
public sealed class ServerAddressFormAttribute(string scheme) : OptionTextAttribute
{
    /// <summary>The scheme of addresses on plain IP.</summary>
    public string Scheme { get; } = scheme;

    /// <inheritdoc/>
    protected override string? FaultOf(string text)
    {
        var expected = Scheme == AddressScheme.MqttQuic.Name ? AddressScheme.MqttQuic : AddressScheme.Quic;
        return ServerAddress.TryParse(text, expected, out _, out var problem) ? null : problem;
    }
}
