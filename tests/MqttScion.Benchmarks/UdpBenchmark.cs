using System.CommandLine;
using System.Diagnostics;
using System.Net;
using MqttScion.Udp;

namespace MqttScion.Benchmarks;

/// <summary>What a datagram costs on loopback: one call each, many a call, and segmented or coalesced.</summary>
/// <remarks>
/// One thread sends a flight and then receives it, so a second core plays no part. The kernel delivers over loopback
/// while it sends; there it also cuts a segmented flight for a receiver that doesn't coalesce.
/// </remarks>
internal static class UdpBenchmark
{
    private const int FlightCount = 32;

    public static Command Command()
    {
        var bytes = new Option<int>("--bytes") { Description = "Bytes a datagram.", DefaultValueFactory = _ => 1400 };
        var command = new Command("udp", "Datagrams over loopback: a call each, many a call, segmented and coalesced.")
        {
            bytes,
        };
        command.SetAction(parse => Run(parse.GetValue(bytes), TimeSpan.FromSeconds(0.7)));
        return command;
    }

    private static void Run(int datagramBytes, TimeSpan duration)
    {
        Console.WriteLine(
            $"{FlightCount} datagrams of {datagramBytes} B a flight over loopback, {duration.TotalSeconds:0.#} s each");
        Console.WriteLine("send      receive    ns/send  ns/receive  datagrams/s     MB/s");
        foreach (var mode in Enum.GetValues<UdpSendMode>().Reverse())
        {
            foreach (var way in Enum.GetValues<Way>())
                Measure(mode, way, datagramBytes, duration);
        }
    }

    private static void Measure(UdpSendMode mode, Way way, int datagramBytes, TimeSpan duration)
    {
        using var sender = new BatchedUdpSocket(new IPEndPoint(IPAddress.Loopback, 0));
        using var receiver = new BatchedUdpSocket(new IPEndPoint(IPAddress.Loopback, 0));
        sender.SendMode = mode;
        var flight = new byte[FlightCount * datagramBytes];
        var batch = way == Way.Coalesced ? new UdpReceiveBatch(16) : new UdpReceiveBatch(FlightCount, slotBytes: 2048);
        var buffer = new byte[UdpReceiveBatch.MaxDatagramBytes];
        UdpAddress destination = receiver.LocalEndPoint;
        var (sending, receiving, count) = (0L, 0L, 0L);
        var warm = Stopwatch.GetTimestamp() + Stopwatch.Frequency / 5;
        var end = warm + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        for (var now = Stopwatch.GetTimestamp(); now < end;)
        {
            sender.Send(flight, datagramBytes, destination, out var sent);
            var afterSend = Stopwatch.GetTimestamp();
            var received = way == Way.Single ? ReceiveSingly(receiver, buffer) : Receive(receiver, batch);
            var afterReceive = Stopwatch.GetTimestamp();
            if (received != sent || sent != FlightCount)
                throw new InvalidOperationException($"{FlightCount} were to go, {sent} went, {received} came.");
            if (now >= warm)
            {
                sending += afterSend - now;
                receiving += afterReceive - afterSend;
                count += sent;
            }
            now = afterReceive;
        }
        var nanoseconds = 1e9 / Stopwatch.Frequency;
        var rate = count / ((sending + receiving) / (double)Stopwatch.Frequency);
        Console.WriteLine(
            $"{mode,-9} {way,-9} {sending * nanoseconds / count,8:0} {receiving * nanoseconds / count,11:0} "
            + $"{rate,12:0} {rate * datagramBytes / 1e6,8:0}");
    }

    private static int ReceiveSingly(BatchedUdpSocket socket, byte[] buffer)
    {
        var count = 0;
        while (socket.TryReceive(buffer, out _, out _, out _))
            count++;
        return count;
    }

    private static int Receive(BatchedUdpSocket socket, UdpReceiveBatch batch)
    {
        var count = 0;
        while (socket.Receive(batch))
        {
            while (batch.TryTake(out _))
                count++;
        }
        return count;
    }

    private enum Way
    {
        Single,
        Many,
        Coalesced,
    }
}
