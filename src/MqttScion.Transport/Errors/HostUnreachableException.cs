namespace MqttScion;

/// <summary>
/// No address of a server on plain IP could be sent to: its name is not known, or no route leads there.
/// </summary>
public sealed class HostUnreachableException : TransportException
{
    internal HostUnreachableException(ServerAddress server, string problem, Exception? inner)
        : base($"{server} can't be reached: {problem}", inner) => Server = server;

    /// <summary>The server.</summary>
    public ServerAddress Server { get; }
}
