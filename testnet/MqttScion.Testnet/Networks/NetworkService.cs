using System.Net;
using MqttScion.Scion;

namespace MqttScion.Testnet;

/// <summary>A service for the hosts of one AS; several ASes may share the server behind it.</summary>
/// <param name="Kind">What it is, one kind.</param>
/// <param name="IsdAs">The AS.</param>
/// <param name="Address">Where it listens.</param>
public sealed record NetworkService(NetworkServiceKinds Kind, IsdAs IsdAs, IPEndPoint Address)
{
    /// <summary>The base address of a service over HTTP, gRPC included; null for an echo responder.</summary>
    public Uri? Url => Kind == NetworkServiceKinds.EchoResponder ? null : new Uri($"http://{Address}");

    /// <summary>Why it doesn't run; null when it does.</summary>
    public string? Fault { get; init; }
}
