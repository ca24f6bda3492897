using MqttScion.Proxy.Tests.Support;
using Xunit.Abstractions;

namespace MqttScion.Tests.Chaos;

/// <summary>What the allowance for mosquitto's order rests on: it is seen with a bare client, without our code.
/// </summary>
/// <remarks>
/// <para>Before 2.0.13 a PUBACK makes room in flight by its message's place in the list of those in flight
/// (<c>db__message_delete_outgoing</c>), not by their number: with a backlog of both qualities that list grows far
/// beyond <c>max_inflight_messages</c>, and a PUBACK that comes from behind the twentieth place raises the quota and
/// takes nothing out of the queue. The next message that is published finds the quota and goes out at once
/// (<c>db__message_insert</c>), ahead of all that wait in the queue, against [MQTT-4.6.0-6].</para>
/// <para>No restart and no lost connection is needed, only a backlog, and a subscriber whose PUBACKs are faster than
/// its PUBCOMPs, as they are for any client: QoS 2 takes one round trip more.</para>
/// </remarks>
public sealed class MosquittoOrderTests(ITestOutputHelper output)
{
    private const int Backlog = 250;

    [MosquittoFact]
    public async Task Mosquitto_lets_a_message_overtake_a_backlog_as_its_version_says()
    {
        await using var broker = await Mosquitto.StartAsync("max_queued_messages 0", "max_inflight_messages 20");
        using (var first = await BareClient.ConnectAsync(broker.Port, "subscriber"))
        {
            await first.SubscribeAsync("order/+");
        }
        using var publisher = await BareClient.ConnectAsync(broker.Port, "publisher");
        for (ushort number = 1; number <= Backlog; number++)
        {
            await publisher.PublishAsync($"order/{1 + (number % 2)}", 1 + (number % 2), number);
        }
        using var subscriber = await BareClient.ConnectAsync(broker.Port, "subscriber");
        var came = new List<WirePacket>();

        while (await ReceiveAsync(subscriber, came) > 0)
        {
        }
        var before = came.Count;
        await publisher.PublishAsync("order/2", quality: 2, Backlog + 1);
        await ReceiveAsync(subscriber, came);
        foreach (var packet in came.Where(p => p.Quality == 2).ToArray())
        {
            await subscriber.AnswerAsync(WirePacket.PubRec, packet.PacketId);
        }
        while (await ReceiveAsync(subscriber, came, endsFlows: true) > 0)
        {
        }

        var second = came.Where(p => p.Quality == 2).Select(p => p.Number).ToArray();
        output.WriteLine($"{MosquittoChaosBroker.Version}: {before} before the last was published, then "
            + string.Join(", ", came.Skip(before).Take(5).Select(p => $"{p.Number} (QoS {p.Quality})")));
        came.Where(p => p.Quality == 1).Select(p => p.Number).Should().BeInAscendingOrder();
        second.Order().Should().Equal(Enumerable.Range(0, 1 + (Backlog / 2)).Select(i => 1L + (2 * i)));
        second.SequenceEqual(second.Order()).Should().Be(!MosquittoChaosBroker.VersionOvertakes);
    }

    // Answers QoS 1 at once, and QoS 2 where it is asked to; a PINGRESP says that all which the broker sends by then
    // has come. Gives the number of packets.
    private static async Task<int> ReceiveAsync(BareClient client, List<WirePacket> came, bool endsFlows = false)
    {
        await client.PingAsync();
        for (var count = 0; ; count++)
        {
            var (first, body) = await client.ReadAsync();
            if (first >> 4 == BareClient.PingResp)
            {
                return count;
            }
            var packet = WirePacket.Read(first, body, default, 1, isToBroker: false)!;
            if (packet.Type == WirePacket.Publish)
            {
                came.Add(packet);
            }
            if (packet is { Type: WirePacket.Publish, Quality: 1 })
            {
                await client.AnswerAsync(WirePacket.PubAck, packet.PacketId);
            }
            else if (packet.Type == WirePacket.PubRel)
            {
                await client.AnswerAsync(WirePacket.PubComp, packet.PacketId);
            }
            else if (endsFlows)
            {
                await client.AnswerAsync(WirePacket.PubRec, packet.PacketId);
            }
        }
    }
}
