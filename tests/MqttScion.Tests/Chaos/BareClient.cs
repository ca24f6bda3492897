using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace MqttScion.Tests.Chaos;

/// <summary>MQTT 5 by hand over TCP, without any of our code between a test and a broker.</summary>
internal sealed class BareClient : IDisposable
{
    private const int PingReq = 12;

    private readonly TcpClient _tcp = new() { NoDelay = true };
    private readonly byte[] _header = new byte[1];

    /// <summary>The type of an answer to PINGREQ.</summary>
    public static int PingResp => 13;

    /// <summary>Connects, with a session that outlives the connection.</summary>
    public static async Task<BareClient> ConnectAsync(int port, string clientId)
    {
        var client = new BareClient();
        await client._tcp.ConnectAsync("127.0.0.1", port);
        await client.SendAsync(0x10, [.. Text("MQTT"), 5, 0, 0, 0, 5, 0x11, 0, 0, 1, 0, .. Text(clientId)]);
        (await client.ReadAsync()).First.Should().Be(0x20);
        return client;
    }

    public async Task SubscribeAsync(string filter)
    {
        await SendAsync(0x82, [0, 1, 0, .. Text(filter), 2]);
        (await ReadAsync()).First.Should().Be(0x90);
    }

    /// <summary>Publishes a number and waits until its flow has ended.</summary>
    public async Task PublishAsync(string topic, int quality, ushort number)
    {
        await SendAsync(
            0x30 | (quality << 1), [.. Text(topic), .. Id(number), 0, .. Encoding.UTF8.GetBytes($"{number}")]);
        if (quality == 2)
        {
            (await ReadAsync()).First.Should().Be(0x50);
            await AnswerAsync(WirePacket.PubRel, number);
        }
        (await ReadAsync()).First.Should().Be((byte)(quality == 2 ? 0x70 : 0x40));
    }

    public Task AnswerAsync(int type, ushort packetId) =>
        SendAsync((type << 4) | (type == WirePacket.PubRel ? 2 : 0), Id(packetId));

    public Task PingAsync() => SendAsync(PingReq << 4, []);

    /// <summary>The first byte of the next packet, and what follows its fixed header.</summary>
    public async Task<(byte First, byte[] Body)> ReadAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        var first = await ReadByteAsync(patience.Token);
        var (length, shift) = (0, 0);
        byte next;
        do
        {
            next = await ReadByteAsync(patience.Token);
            length |= (next & 0x7f) << shift;
            shift += 7;
        }
        while (next >= 0x80);
        var body = new byte[length];
        await _tcp.GetStream().ReadExactlyAsync(body, patience.Token);
        return (first, body);
    }

    public void Dispose() => _tcp.Dispose();

    private static byte[] Text(string text) => [.. Id((ushort)text.Length), .. Encoding.UTF8.GetBytes(text)];

    private static byte[] Id(ushort number)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, number);
        return bytes;
    }

    private async Task<byte> ReadByteAsync(CancellationToken cancellationToken)
    {
        await _tcp.GetStream().ReadExactlyAsync(_header, cancellationToken);
        return _header[0];
    }

    private async Task SendAsync(int first, byte[] body) =>
        await _tcp.GetStream().WriteAsync((byte[])[(byte)first, (byte)body.Length, .. body]);
}
