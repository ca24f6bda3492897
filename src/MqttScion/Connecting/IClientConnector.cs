namespace MqttScion;

/// <summary>Makes the connections of one client.</summary>
internal interface IClientConnector
{
    /// <summary>The server that was tried last; null before the first attempt.</summary>
    MqttEndPoint? LastTried => null;

    /// <summary>One attempt, over every server that is to be tried; throws what the last one failed with.</summary>
    Task<ClientConnection> ConnectAsync(CancellationToken cancellationToken);

    /// <summary>A connection ended: what its end says counts for the next attempt.</summary>
    void Learn(ClientConnection connection, Exception cause);

    /// <summary>Throws when this machine or the client's files let nobody connect: there is nothing to wait for.
    /// </summary>
    void Check()
    {
        // A connector without TLS and files needs nothing.
    }
}
