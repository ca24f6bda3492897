using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using MqttScion.Proxy.Tests.Support;

namespace MqttScion.Proxy.Tests;

/// <summary>Where one side of the proxy is slow, the other waits; nothing is cut short, at the end neither.</summary>
public sealed class BackPressureTests : IAsyncLifetime
{
    private const int TotalBytes = 8 * 1024 * 1024;
    private const int PieceBytes = 16 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2);

    private readonly byte[] _sent = RandomNumberGenerator.GetBytes(TotalBytes);
    private TcpListener _broker = null!;
    private SameAsWorld _world = null!;

    public Task InitializeAsync()
    {
        _broker = Listen();
        _world = StartWorld(_broker);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _world.DisposeAsync();
        _broker.Dispose();
    }

    [Fact]
    public async Task Client_that_ends_its_stream_before_a_slow_broker_has_read_it_loses_nothing()
    {
        await using var transport = await ScionQuicTransport.ConnectAsync(_world.TransportOptions());
        var received = AcceptAndReadSlowlyAsync();

        await transport.Output.WriteAsync(_sent).AsTask().WaitAsync(Patience);
        await transport.Output.CompleteAsync();

        AssertWhole(await received.WaitAsync(Patience));
    }

    [Fact]
    public async Task Client_that_is_disposed_before_a_slow_broker_has_read_all_loses_nothing()
    {
        var transport = await ScionQuicTransport.ConnectAsync(_world.TransportOptions());
        var received = AcceptAndReadSlowlyAsync();

        await transport.Output.WriteAsync(_sent).AsTask().WaitAsync(Patience);
        await transport.DisposeAsync();

        AssertWhole(await received.WaitAsync(Patience));
    }

    [Fact]
    public async Task Client_that_is_disposed_while_the_broker_sends_loses_nothing()
    {
        var transport = await ScionQuicTransport.ConnectAsync(_world.TransportOptions());
        await transport.Output.WriteAsync(_sent.AsMemory(0, 1));
        using var socket = await AcceptAsync();
        using var stop = new CancellationTokenSource();
        var sending = SendUntilAsync(socket, stop.Token);
        var received = ReadSlowlyAsync(new NetworkStream(socket));

        await transport.Output.WriteAsync(_sent.AsMemory(1)).AsTask().WaitAsync(Patience);
        await transport.DisposeAsync();

        AssertWhole(await received.WaitAsync(Patience));
        await stop.CancelAsync();
        await sending;
    }

    [Fact]
    public async Task Broker_that_closes_before_a_slow_client_has_read_all_loses_nothing()
    {
        await using var transport = await ScionQuicTransport.ConnectAsync(_world.TransportOptions());
        await transport.Output.WriteAsync(new byte[1]);
        using var socket = await AcceptAsync();
        await socket.ReceiveAsync(new byte[1]);
        var received = ReadSlowlyAsync(transport.Input.AsStream());

        await new NetworkStream(socket).WriteAsync(_sent).AsTask().WaitAsync(Patience);
        socket.Close();

        AssertWhole(await received.WaitAsync(Patience));
        (await transport.Ended.WaitAsync(Patience)).Should().BeOfType<QuicConnectionException>()
            .Which.Close.ErrorCode.Should().Be(ProxyErrorCodes.BrokerConnectionLost);
    }

    private static TcpListener Listen()
    {
        var listener = new TcpListener(IPAddress.Loopback, port: 0);
        listener.Server.ReceiveBufferSize = PieceBytes; // What waits is to wait in the proxy, not in the kernel.
        listener.Start();
        return listener;
    }

    private static SameAsWorld StartWorld(TcpListener broker) => new(broker.LocalEndpoint.ToString()!);

    private async Task<Socket> AcceptAsync() => await _broker.AcceptSocketAsync().WaitAsync(Patience);

    private async Task<byte[]> AcceptAndReadSlowlyAsync()
    {
        using var socket = await AcceptAsync();
        return await ReadSlowlyAsync(new NetworkStream(socket));
    }

    private static async Task<byte[]> ReadSlowlyAsync(Stream input)
    {
        using var received = new MemoryStream();
        var piece = new byte[PieceBytes];
        while (await input.ReadAsync(piece) is > 0 and var count)
        {
            received.Write(piece, 0, count);
            await Task.Delay(Pause); // The slowness is what is tested.
        }
        return received.ToArray();
    }

    private static async Task SendUntilAsync(Socket socket, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await socket.SendAsync(new byte[PieceBytes], stop);
            }
        }
        catch (OperationCanceledException)
        {
            // The end of the test.
        }
    }

    private void AssertWhole(byte[] received)
    {
        received.Length.Should().Be(TotalBytes);
        received.AsSpan().SequenceEqual(_sent).Should().BeTrue("the bytes must be those that were sent");
    }
}
