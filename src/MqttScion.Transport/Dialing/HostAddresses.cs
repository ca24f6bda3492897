using System.Net;
using System.Net.Sockets;

namespace MqttScion.Transport;

/// <summary>Looks host names up, each time anew: the system's resolver keeps what may be kept.</summary>
internal sealed class HostAddresses(
    Func<string, CancellationToken, Task<IPAddress[]>> resolve, TimeSpan timeout, TimeProvider time)
{
    /// <summary>The addresses to try, in order: at least one.</summary>
    /// <param name="server">A server on IP.</param>
    /// <param name="maxCount">How many at most.</param>
    /// <param name="cancellationToken">Ends the look-up.</param>
    /// <exception cref="HostUnreachableException">The name has no address, or the resolver did not answer in time.
    /// </exception>
    public async Task<IReadOnlyList<IPEndPoint>> FindAsync(
        ServerAddress server, int maxCount, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(server.Host, out var literal))
        {
            return [new IPEndPoint(literal, server.Port)];
        }
        try
        {
            var found = await resolve(server.Host, cancellationToken)
                .WaitAsync(timeout, time, cancellationToken)
                .ConfigureAwait(false);
            var addresses = TakeTurns(found).Take(maxCount).Select(a => new IPEndPoint(a, server.Port)).ToArray();
            return addresses.Length > 0
                ? addresses
                : throw new HostUnreachableException(server, $"the name '{server.Host}' has no address.", inner: null);
        }
        catch (SocketException e)
        {
            throw new HostUnreachableException(
                server, $"the name '{server.Host}' was not found: {e.Message}.", e);
        }
        catch (TimeoutException e)
        {
            throw new HostUnreachableException(
                server, $"the name '{server.Host}' was not looked up within {timeout}.", e);
        }
    }

    // RFC 8305 §4: the resolver's order, but IPv6 and IPv4 in turn: one of them may lead nowhere from here.
    private static IEnumerable<IPAddress> TakeTurns(IPAddress[] found) => found
        .Select(a => a.IsIPv4MappedToIPv6 ? a.MapToIPv4() : a)
        .Distinct()
        .GroupBy(a => a.AddressFamily)
        .SelectMany(family => family.Index())
        .OrderBy(address => address.Index)
        .Select(address => address.Item);
}
