namespace MqttScion;

/// <summary>The call needs a connection and there is none.</summary>
public sealed class MqttNotConnectedException : MqttClientException
{
    internal MqttNotConnectedException(string message, Exception? cause = null)
        : base(message, cause)
    {
    }

    /// <summary>False when the connection ended by a refusal that would come again.</summary>
    public override bool IsTransient => InnerException is null || ConnectFailures.IsTransient(InnerException);
}
