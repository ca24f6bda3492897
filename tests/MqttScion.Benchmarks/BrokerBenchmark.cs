using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using MqttScion.Testnet;

namespace MqttScion.Benchmarks;

/// <summary>
/// The pocket broker alone: one publisher and one subscriber over loopback TCP that handle raw bytes, so that nearly
/// all that is measured is the broker and the kernel.
/// </summary>
internal static class BrokerBenchmark
{
    private const int BatchMessages = 64;

    /// <summary>At most so many messages are on the way, so that none is dropped.</summary>
    private const int Window = 4096;

    private static readonly byte[] _topic = Encoding.UTF8.GetBytes("bench/topic");

    public static async Task RunAsync(int messages, int payloadBytes, int repetitions)
    {
        messages = messages / BatchMessages * BatchMessages;
        Console.WriteLine($"{messages} messages of {payloadBytes} B, {repetitions} repetitions, median");
        for (var qos = 0; qos <= 1; qos++)
        {
            var figures = new List<(double Rate, double Cpu)>();
            for (var i = 0; i < repetitions; i++)
            {
                figures.Add(await MeasureAsync(qos, messages, payloadBytes));
            }
            var median = figures.OrderBy(f => f.Cpu).ElementAt(repetitions / 2);
            Console.WriteLine($"QoS {qos}: {median.Rate,9:0} messages/s  {median.Cpu,6:0.00} µs CPU per message");
        }
    }

    private static async Task<(double Rate, double Cpu)> MeasureAsync(int qos, int messages, int payloadBytes)
    {
        await using var broker = await PocketBroker.StartAsync(
            new PocketBrokerOptions { MaximumQueuedMessages = 1_000_000, MaximumQueuedBytes = 1L << 30 });
        using var publisher = await OpenAsync(broker.EndPoint, 'p');
        using var subscriber = await OpenAsync(broker.EndPoint, 's');
        await subscriber.SendAsync((byte[])
            [0x82, (byte)(6 + _topic.Length), 0, 1, 0, 0, (byte)_topic.Length, .. _topic, (byte)qos]);
        await ReceiveAsync(subscriber, 6);

        using var window = new SemaphoreSlim(Window);
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        var started = Stopwatch.GetTimestamp();
        var packet = PacketOf(qos, packetId: 1, payloadBytes);
        var listening = ListenAsync(subscriber, qos, messages, packet.Length, window);
        var acknowledged = qos == 0 ? Task.CompletedTask : ReceiveAsync(publisher, 4L * messages);
        var batch = Enumerable.Range(1, BatchMessages).SelectMany(i => PacketOf(qos, i, payloadBytes)).ToArray();
        for (var i = 0; i < messages; i += BatchMessages)
        {
            for (var j = 0; j < BatchMessages; j++)
            {
                await window.WaitAsync();
            }
            await publisher.SendAsync(batch);
        }
        await Task.WhenAll(listening, acknowledged);
        var elapsed = Stopwatch.GetElapsedTime(started);
        var used = Process.GetCurrentProcess().TotalProcessorTime - cpu;
        return (messages / elapsed.TotalSeconds, used.TotalMicroseconds / messages);
    }

    /// <summary>Cuts what comes into messages of one length, and acknowledges those of QoS 1.</summary>
    private static async Task ListenAsync(
        Socket socket, int qos, int messages, int packetLength, SemaphoreSlim window)
    {
        var buffer = new byte[128 << 10];
        var answers = new byte[4 * (buffer.Length / packetLength + 1)];
        var kept = 0;
        for (var heard = 0; heard < messages;)
        {
            kept += await socket.ReceiveAsync(buffer.AsMemory(kept));
            var count = kept / packetLength;
            if (count == 0)
            {
                continue;
            }
            if (qos > 0)
            {
                for (var i = 0; i < count; i++)
                {
                    // The packet identifier is in front of the empty properties and the payload.
                    var packet = buffer.AsSpan(i * packetLength, packetLength);
                    var idAt = packet.IndexOf(_topic) + _topic.Length;
                    (answers[4 * i], answers[(4 * i) + 1]) = (0x40, 2);
                    packet[idAt..(idAt + 2)].CopyTo(answers.AsSpan((4 * i) + 2));
                }
                await socket.SendAsync(answers.AsMemory(0, 4 * count));
            }
            buffer.AsSpan((count * packetLength)..kept).CopyTo(buffer);
            kept -= count * packetLength;
            heard += count;
            window.Release(count);
        }
    }

    private static byte[] PacketOf(int qos, int packetId, int payloadBytes)
    {
        byte[] id = qos == 0 ? [] : [(byte)(packetId >> 8), (byte)packetId];
        var body = (byte[])[0, (byte)_topic.Length, .. _topic, .. id, 0, .. new byte[payloadBytes]];
        byte[] length = body.Length < 0x80
            ? [(byte)body.Length]
            : [(byte)(body.Length | 0x80), .. body.Length < 0x4000
                ? (byte[])[(byte)(body.Length >> 7)]
                : [(byte)((body.Length >> 7) | 0x80), (byte)(body.Length >> 14)]];
        return [(byte)(0x30 | qos << 1), .. length, .. body];
    }

    private static async Task<Socket> OpenAsync(IPEndPoint endPoint, char clientId)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(endPoint);
        await socket.SendAsync((byte[])
            [0x10, 14, 0, 4, .. "MQTT"u8, 5, 2, 0, 0, 0, 0, 1, (byte)clientId]);
        var buffer = new byte[256];
        await socket.ReceiveAsync(buffer); // CONNACK, in one piece over loopback.
        return buffer[3] == 0 ? socket : throw new InvalidOperationException($"Refused with {buffer[3]}.");
    }

    private static async Task ReceiveAsync(Socket socket, long count)
    {
        var buffer = new byte[64 << 10];
        while (count > 0)
        {
            var length = await socket.ReceiveAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, count)));
            count -= length > 0 ? length : throw new InvalidOperationException("The broker closed the connection.");
        }
    }
}
