using System.Buffers.Binary;
using System.CommandLine;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using MqttScion.Quic;
using MqttScion.Quic.Tests;

namespace MqttScion.Benchmarks;

/// <summary>What a datagram that nobody honest sent costs its receiver, in processor time.</summary>
/// <remarks>Packets are protected by GnuTLS; the handshake is a toy, so that only the engine's share shows.</remarks>
internal sealed class ForgedPacketBenchmark : IDisposable
{
    private const int DatagramBytes = 1200;
    private const int IdBytes = 8;

    private static readonly TimeSpan Now = TimeSpan.FromHours(1);

    private readonly FakeTlsFactory _tls = new();
    private readonly QuicEndpoint _clients;
    private readonly QuicEndpoint _servers;
    private readonly QuicConnection _client;
    private readonly QuicConnection _server;
    private readonly byte[] _room = new byte[64 * 1024];
    private readonly byte[] _copy = new byte[64 * 1024];
    private readonly byte[] _answer = new byte[1200];
    private readonly SeededRandom _random = new(1);
    private byte[] _firstDatagram = [];
    private byte[] _dataDatagram = [];

    private ForgedPacketBenchmark()
    {
        var protectors = QuicCrypto.Default.CreateProtectors();
        var options = new QuicOptions { RetryAboveHandshakes = int.MaxValue };
        _clients = new QuicEndpoint(_tls, protectors, options, false, _random);
        _servers = new QuicEndpoint(_tls, protectors, options, true, _random);
        _client = _clients.Connect("server.example", 0, 1350, 0, Now);
        QuicConnection? server = null;
        for (var round = 0; round < 8; round++)
        {
            Move(_client, _servers, ref server);
            QuicConnection? back = _client;
            if (server is not null)
                Move(server, _clients, ref back);
        }

        _server = server ?? throw new InvalidOperationException("The server made no connection.");
        if (!_client.IsHandshakeConfirmed || !_client.TryOpenStream(true, out var stream))
            throw new InvalidOperationException("The handshake failed.");
        stream.Write(new byte[5000]);
        Move(_client, _servers, ref server);
    }

    public static Command Command()
    {
        var count = new Option<int>("--count") { Description = "Datagrams.", DefaultValueFactory = _ => 200_000 };
        var command = new Command("quic-forged", "What forged datagrams cost the receiver, in processor time.")
        {
            count,
        };
        command.SetAction(parse =>
        {
            using var benchmark = new ForgedPacketBenchmark();
            benchmark.Run(parse.GetValue(count));
        });
        return command;
    }

    public void Dispose()
    {
        _clients.Dispose();
        _servers.Dispose();
        _tls.Dispose();
    }

    private void Run(int count)
    {
        Console.WriteLine($"{count} datagrams of {DatagramBytes} B each; ns of processor time a datagram");
        var noise = Noise();
        Measure("random bytes, first one a short header", count, _servers, Changed(noise, 0, 0x43));
        Measure("random bytes, first one a long header", count, _servers, Changed(noise, 0, 0xc3));
        Measure("right id, wrong tag", count, _servers, Changed(_dataDatagram, ^1));
        Measure("right id, wrong tag, 40 bytes", count, _servers, Changed(_dataDatagram, ^1)[..40]);
        Measure("right id, wrong tag, other key phase", count, _servers, Changed(_dataDatagram, 0, 0x47));
        Measure("Initial of a live connection, wrong tag", count, _servers, Changed(_firstDatagram, ^1));
        Measure("Handshake packet of a live connection", count, _servers, Changed(_firstDatagram, 0, 0xe3));
        Measure("replay of a packet", count, _servers, _dataDatagram);
        Measure("unknown id, resets used up", count, _servers, Changed(_dataDatagram, 3));
        Measure("unknown version", count, _servers, Changed(WithOtherId(), 1, 9));
        Measure("candidate of a stateless reset, at a client", count, _clients, Changed(noise, 0, 0x43));
        Measure("Initial for a server, wrong tag", count / 10, _servers, Changed(WithOtherId(), ^1));
        Measure("Initial for a server, forged token", count / 10, _servers, WithToken());
        Measure("Initial for a server, right keys", count / 40, _clients, null);
    }

    private void Measure(string what, int count, QuicEndpoint endpoint, byte[]? datagram)
    {
        for (var index = 0; index < count / 10; index++)
            Once(endpoint, datagram);
        var before = Process.GetCurrentProcess().TotalProcessorTime;
        for (var index = 0; index < count; index++)
            Once(endpoint, datagram);
        var spent = Process.GetCurrentProcess().TotalProcessorTime - before;
        Console.WriteLine($"  {what,-45} {spent.TotalNanoseconds / count,9:0}");
        if (_server.CloseReason is not null || _client.CloseReason is not null)
            throw new InvalidOperationException("A forged datagram ended a connection.");
    }

    private void Once(QuicEndpoint endpoint, byte[]? datagram)
    {
        if (datagram is null)
        {
            Handshake();
            return;
        }

        // Each comes from the socket anew, and is decrypted in place.
        datagram.CopyTo(_copy, 0);
        Give(endpoint, _copy.AsSpan(0, datagram.Length), out _);
    }

    // A client that begins and goes away: what it costs the server, with all that a client costs.
    private void Handshake()
    {
        using var client = _clients.Connect("other.example", 0, 1350, 0, Now);
        client.TryTransmit(_room, 1, Now, out var transmit);
        Give(_servers, _room.AsSpan(0, transmit.Length), out var server);
        server?.Dispose();
    }

    private bool Give(QuicEndpoint endpoint, Span<byte> datagram, [NotNullWhen(true)] out QuicConnection? connection)
    {
        ReadOnlySpan<byte> address = [192, 0, 2, 1];
        var arrival = new QuicArrival { Address = address, PathId = 0, MaxDatagramBytes = 1350 };
        return (endpoint.TryRoute(datagram, out connection) ||
            endpoint.TryAccept(datagram, arrival, Now, _answer, out _, out connection)) &&
            connection.Receive(datagram, 0, EcnCodepoint.NotEct, Now);
    }

    private void Move(QuicConnection from, QuicEndpoint to, ref QuicConnection? receiver)
    {
        while (from.TryTransmit(_room, 1, Now, out var transmit))
        {
            var datagram = _room.AsSpan(0, transmit.Length);
            if (_firstDatagram.Length == 0)
                _firstDatagram = datagram.ToArray();
            if ((datagram[0] & 0x80) == 0 && !from.IsServer && datagram.Length >= DatagramBytes)
                _dataDatagram = datagram[..DatagramBytes].ToArray();
            Give(to, datagram, out receiver);
        }
    }

    private byte[] Noise()
    {
        var noise = new byte[DatagramBytes];
        _random.Fill(noise);
        return noise;
    }

    private byte[] WithOtherId()
    {
        var datagram = _firstDatagram.ToArray();
        _random.Fill(datagram.AsSpan(6, IdBytes));
        return datagram;
    }

    private byte[] WithToken()
    {
        const int tokenBytes = 66, tokenOffset = 1 + 4 + 1 + IdBytes + 1 + IdBytes;
        byte[] datagram = [.. WithOtherId()[..tokenOffset], 0x40, tokenBytes, .. Noise()[..tokenBytes], 0, 0];
        var start = datagram.Length - 2;
        Array.Resize(ref datagram, DatagramBytes);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(start), (ushort)(0x4000 | (DatagramBytes - start - 2)));
        return datagram;
    }

    private static byte[] Changed(byte[] datagram, Index index, byte? value = null)
    {
        var changed = datagram.ToArray();
        changed[index] = value ?? (byte)(changed[index] ^ 1);
        return changed;
    }
}
