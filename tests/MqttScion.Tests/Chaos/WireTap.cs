using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace MqttScion.Tests.Chaos;

/// <summary>A broker behind a TCP relay, which writes down the packets that pass.</summary>
internal sealed class WireTap : IChaosBroker
{
    private readonly IChaosBroker _broker;
    private readonly Stopwatch _watch;
    private readonly List<Task> _relays = [];
    private readonly CancellationTokenSource _over = new();
    private Socket _listener;
    private Task _accepting;
    private int _connections;

    /// <param name="broker">The broker, which this one owns from now on.</param>
    /// <param name="watch">The clock of the record.</param>
    public WireTap(IChaosBroker broker, Stopwatch watch)
    {
        (_broker, _watch) = (broker, watch);
        _listener = Listen(new IPEndPoint(IPAddress.Loopback, 0));
        Address = _listener.LocalEndPoint!.ToString()!;
        _accepting = AcceptAsync(_listener);
    }

    public string Address { get; }

    /// <summary>What passed.</summary>
    public WireRecord Record { get; } = new();

    public IEnumerable<string> Repetitions => _broker.Repetitions;

    public bool RepeatsAfterRestart => _broker.RepeatsAfterRestart;

    public bool Overtakes => _broker.Overtakes;

    /// <summary>Nobody listens while the broker is away, as without the relay.</summary>
    public async Task RestartAsync(TimeSpan pause)
    {
        _listener.Dispose();
        await _accepting;
        await _broker.RestartAsync(pause);
        _listener = Listen(IPEndPoint.Parse(Address));
        _accepting = AcceptAsync(_listener);
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_relays);
        await _broker.DisposeAsync();
        _over.Dispose();
    }

    private static Socket Listen(IPEndPoint endPoint)
    {
        var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(endPoint);
        listener.Listen();
        return listener;
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (true)
        {
            Socket proxy;
            try
            {
                proxy = await listener.AcceptAsync();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return; // The listener is closed.
            }
            _relays.Add(RelayAsync(proxy, ++_connections));
        }
    }

    private async Task RelayAsync(Socket proxy, int connection)
    {
        using var broker = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var _ = proxy;
        proxy.NoDelay = true;
        try
        {
            await broker.ConnectAsync(IPEndPoint.Parse(_broker.Address), _over.Token);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return; // The broker went away; the proxy sees its connection end.
        }
        await Task.WhenAll(
            CopyAsync(proxy, broker, new WireReader(this, connection, isToBroker: true)),
            CopyAsync(broker, proxy, new WireReader(this, connection, isToBroker: false)));
    }

    // What is written down is what left one side; whether it came to the other, the answers tell.
    private async Task CopyAsync(Socket from, Socket to, WireReader reader)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            int count;
            while ((count = await from.ReceiveAsync(buffer, _over.Token)) > 0)
            {
                reader.Take(buffer.AsSpan(0, count));
                for (var sent = 0; sent < count;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), _over.Token);
                }
            }
            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            from.Close(); // One direction is broken: so is the connection.
            to.Close();
        }
    }

    /// <summary>Cuts one direction of a connection into packets.</summary>
    private sealed class WireReader(WireTap owner, int connection, bool isToBroker)
    {
        private byte[] _held = [];

        public void Take(ReadOnlySpan<byte> bytes)
        {
            byte[] all = [.. _held, .. bytes];
            ReadOnlySpan<byte> rest = all;
            while (rest.Length > 1)
            {
                var body = rest[1..];
                var length = WirePacket.TakeLength(ref body);
                if (length < 0 || body.Length < length)
                {
                    break;
                }
                var time = owner._watch.Elapsed;
                if (WirePacket.Read(rest[0], body[..length], time, connection, isToBroker) is { } packet)
                {
                    owner.Record.Add(packet);
                }
                rest = body[length..];
            }
            _held = rest.ToArray();
        }
    }
}
