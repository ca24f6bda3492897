using System.Net;
using System.Net.Sockets;
using MqttScion.Scion;

namespace MqttScion.Cli;

/// <summary>Answers SCMP echo requests for the hosts of a test network: one responder per address, for all ASes there.
/// </summary>
internal sealed class EchoHosts : IDisposable
{
    private readonly List<ScionEchoResponder> _responders = [];
    private UdpUnderlay? _reserved;

    private EchoHosts(UdpUnderlay reserved) => (_reserved, Port) = (reserved, reserved.LocalEndPoint.Port);

    /// <summary>The UDP port on all addresses.</summary>
    public int Port { get; }

    /// <summary>The addresses that answer.</summary>
    public IReadOnlyList<IPAddress> Addresses { get; private set; } = [];

    /// <summary>Takes the port on 127.0.0.1, so that routers can be told about it before they start.</summary>
    /// <param name="port">The port; 0 takes a free one.</param>
    /// <param name="takesOther">True to take a free one when that is in use.</param>
    /// <exception cref="CommandException">The port is in use.</exception>
    public static EchoHosts Reserve(int port, bool takesOther = false)
    {
        try
        {
            return new EchoHosts(Bind(IPAddress.Loopback, port));
        }
        catch (CommandException) when (takesOther && port != 0)
        {
            return Reserve(0, takesOther);
        }
    }

    /// <summary>Starts to answer on some addresses.</summary>
    /// <exception cref="CommandException">The port is in use there, or the address is not of this machine.</exception>
    public void Start(IEnumerable<IPAddress> addresses)
    {
        Addresses = [.. addresses.Distinct()];
        foreach (var address in Addresses)
        {
            var isReserved = address.Equals(IPAddress.Loopback);
            _responders.Add(new ScionEchoResponder(isReserved ? _reserved! : Bind(address, Port)));
            _reserved = isReserved ? null : _reserved;
        }
        _reserved?.Dispose();
        _reserved = null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _reserved?.Dispose();
        foreach (var responder in _responders)
            responder.Dispose();
    }

    private static UdpUnderlay Bind(IPAddress address, int port)
    {
        try
        {
            return new UdpUnderlay(new IPEndPoint(address, port));
        }
        catch (SocketException e)
        {
            throw new CommandException(
                $"The SCMP responder of hosts can't listen on {new IPEndPoint(address, port)}: {e.Message}. "
                + "Choose another port with --echo-port, or --no-echo.",
                e);
        }
    }
}
