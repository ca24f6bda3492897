namespace MqttScion;

/// <summary>What a client does after a refusal, which another attempt can mend only when somebody changes something.
/// </summary>
public enum RefusalAction
{
    /// <summary>It goes on: the next attempt follows after the longest delay.</summary>
    Retry,

    /// <summary>It gives up: its state is Disconnected, with the refusal as the reason.</summary>
    Stop,
}
