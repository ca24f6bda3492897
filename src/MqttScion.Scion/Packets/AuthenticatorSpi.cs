namespace MqttScion.Scion;

/// <summary>The security parameter index of an authenticator option: which key was used.</summary>
/// <param name="Value">The number as it stands on the wire; 0 is reserved.</param>
public readonly record struct AuthenticatorSpi(uint Value)
{
    private const uint DrkeyEnd = 1 << 21;
    private const uint HostToHostFlag = 1 << 17;
    private const uint ReceiverSideFlag = 1 << 16;

    /// <summary>True when the key comes from the DRKey system; else sender and receiver agreed on it.</summary>
    public bool IsDrkey => Value is > 0 and < DrkeyEnd;

    /// <summary>DRKey: true for a key between two hosts, false for one between an AS and a host.</summary>
    public bool IsHostToHost => (Value & HostToHostFlag) != 0;

    /// <summary>DRKey: true when the receiver's side derives the key fast, false when the sender's does.</summary>
    public bool IsReceiverSide => (Value & ReceiverSideFlag) != 0;

    /// <summary>DRKey: the protocol that the key is for.</summary>
    public ushort DrkeyProtocol => (ushort)Value;
}
