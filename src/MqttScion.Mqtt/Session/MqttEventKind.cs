namespace MqttScion.Mqtt;

/// <summary>What an <see cref="MqttEvent"/> tells.</summary>
public enum MqttEventKind
{
    /// <summary>No event.</summary>
    None = 0,

    /// <summary>The server accepted: see <see cref="MqttEvent.ConnectResult"/>.</summary>
    Connected = 1,

    /// <summary>The server refused: see <see cref="MqttEvent.ConnectResult"/>. The session is closed.</summary>
    ConnectRefused = 2,

    /// <summary>A publish ended: see <see cref="MqttEvent.Token"/> and <see cref="MqttEvent.PublishResult"/>.</summary>
    PublishCompleted = 3,

    /// <summary>A subscribe ended: see <see cref="MqttEvent.Token"/> and
    /// <see cref="MqttEvent.SubscribeResult"/>.</summary>
    SubscribeCompleted = 4,

    /// <summary>An unsubscribe ended: see <see cref="MqttEvent.Token"/> and
    /// <see cref="MqttEvent.UnsubscribeResult"/>.</summary>
    UnsubscribeCompleted = 5,

    /// <summary>A message came: see <see cref="MqttEvent.Message"/>; acknowledge it unless its packet identifier is
    /// 0.</summary>
    MessageReceived = 6,

    /// <summary>A DISCONNECT ended the session: see <see cref="MqttEvent.End"/>.</summary>
    Disconnected = 7,

    /// <summary>The session failed: see <see cref="MqttEvent.End"/>. A DISCONNECT with the right code is in the
    /// output.</summary>
    Failed = 8,

    /// <summary>The server's authentication method asks for more: see <see cref="MqttEvent.Authentication"/>; answer
    /// with <see cref="MqttSession.ContinueAuthentication"/>.</summary>
    AuthenticationRequired = 9,

    /// <summary>A re-authentication succeeded: see <see cref="MqttEvent.Authentication"/>.</summary>
    ReAuthenticated = 10,

    /// <summary>A QoS 1 or 2 publish has its packet identifier and is in the output for the first time: see
    /// <see cref="MqttEvent.Token"/> and <see cref="MqttEvent.PacketId"/>. Only with
    /// <see cref="MqttSessionOptions.ReportPublishProgress"/>.</summary>
    PublishSent = 11,

    /// <summary>PUBREC came for a QoS 2 publish: the message itself is never sent again. Only with
    /// <see cref="MqttSessionOptions.ReportPublishProgress"/>.</summary>
    PublishReleased = 12,
}
