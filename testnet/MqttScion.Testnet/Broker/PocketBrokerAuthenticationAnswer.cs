using MqttScion.Mqtt;

namespace MqttScion.Testnet;

/// <summary>What the broker answers to one step of an enhanced authentication.</summary>
public sealed record PocketBrokerAuthenticationAnswer
{
    private PocketBrokerAuthenticationAnswer()
    {
    }

    /// <summary>The code to refuse with; success when the client is accepted or has to continue.</summary>
    public MqttClientConnectResultCode Code { get; private init; }

    /// <summary>True when the client has to send a further AUTH.</summary>
    public bool IsContinued { get; private init; }

    /// <summary>The authentication data for the client; null for none.</summary>
    public byte[]? Data { get; private init; }

    /// <summary>What the next step gets as <see cref="PocketBrokerAuthentication.State"/>.</summary>
    public object? State { get; private init; }

    /// <summary>A challenge: the client has to send a further AUTH.</summary>
    public static PocketBrokerAuthenticationAnswer Continue(byte[]? data, object? state = null) =>
        new() { IsContinued = true, Data = data, State = state };

    /// <summary>The client is who it says.</summary>
    public static PocketBrokerAuthenticationAnswer Accept(byte[]? data = null) => new() { Data = data };

    /// <summary>The client is refused; one that authenticates again is disconnected.</summary>
    public static PocketBrokerAuthenticationAnswer Refuse(
        MqttClientConnectResultCode code = MqttClientConnectResultCode.NotAuthorized) => new() { Code = code };
}
