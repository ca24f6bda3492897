namespace MqttScion.Transport;

/// <summary>What an outgoing connection carries, as whoever dials sees it.</summary>
public interface IDialedApplication : IConnectionApplication
{
    /// <summary>Completes when the connection is of use; fails with the reason when it ends before.</summary>
    Task Ready { get; }

    /// <summary>
    /// The attempt is given up: says goodbye where the peer is owed one, and completes when the connection may go.
    /// </summary>
    Task AbandonAsync();
}
