using System.Reactive.Linq;

namespace MqttScion.Proxy;

/// <summary>Operators over the sessions of a proxy.</summary>
internal static class SessionOperators
{
    /// <summary>
    /// Bridges each session to the broker; gives one <see cref="SessionEnded"/> for each, and never fails.
    /// </summary>
    public static IObservable<SessionEnded> BridgeTo(this IObservable<ProxySession> sessions, BrokerLink link) =>
        sessions.SelectMany(session => Observable.FromAsync(() => link.RunAsync(session)));
}
