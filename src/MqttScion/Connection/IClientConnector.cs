namespace MqttScion;

/// <summary>Makes the connections of one client.</summary>
internal interface IClientConnector
{
    /// <summary>One attempt, over every server that is to be tried; throws what the last one failed with.</summary>
    Task<ClientConnection> ConnectAsync(CancellationToken cancellationToken);

    /// <summary>A connection ended: what its end says counts for the next attempt.</summary>
    void Learn(ClientConnection connection, Exception cause);
}
