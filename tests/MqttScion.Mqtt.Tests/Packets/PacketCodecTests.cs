using FsCheck;
using FsCheck.Fluent;

namespace MqttScion.Mqtt.Tests;

public class PacketCodecTests
{
    public static TheoryData<int> SampleIndexes => [.. Enumerable.Range(0, PacketSamples.All().Count())];

    [Theory]
    [MemberData(nameof(SampleIndexes))]
    public void Packet_written_and_read_is_the_same(int index)
    {
        var bytes = AnyPacket.Write(PacketSamples.All().ElementAt(index));

        var packet = AnyPacket.Read(bytes);

        AnyPacket.Write(packet).Should().Equal(bytes);
        packet.Should().BeEquivalentTo(PacketSamples.All().ElementAt(index), options => options
            .RespectingRuntimeTypes()
            .ComparingByMembers<MqttConnectPacket>()
            .ComparingByMembers<MqttConnAckPacket>()
            .ComparingByMembers<MqttPublishPacket>()
            .ComparingByMembers<MqttAckPacket>()
            .ComparingByMembers<MqttSubscribePacket>()
            .ComparingByMembers<MqttUnsubscribePacket>()
            .ComparingByMembers<MqttSubAckPacket>()
            .ComparingByMembers<MqttDisconnectPacket>()
            .Excluding(m => m.Path.StartsWith("Message.") || m.Path.StartsWith("Will.")));
    }

    [Theory]
    [MemberData(nameof(SampleIndexes))]
    public void Packet_cut_at_any_length_is_incomplete_or_refused(int index)
    {
        var bytes = AnyPacket.Write(PacketSamples.All().ElementAt(index));
        var header = MqttFrame.TryRead(bytes, int.MaxValue, out var whole, out _, out _);
        header.Should().Be(MqttFrameStatus.Packet);

        for (var length = 0; length < Math.Min(bytes.Length, 2000); length++)
        {
            MqttFrame.TryRead(bytes.AsSpan(0, length), int.MaxValue, out _, out _, out _)
                .Should().Be(MqttFrameStatus.NeedMore);
        }
        // The body cut short while the fixed header agrees with it: some stay valid, none may throw.
        for (var length = 0; length < Math.Min(whole.Body.Length, 2000); length++)
        {
            var isRead = AnyPacket.TryRead(new MqttFrame(bytes[0], whole.Body[..length]), out _, out var fault);
            isRead.Should().Be(fault.Reason is null);
        }
    }

    [Theory]
    [MemberData(nameof(SampleIndexes))]
    public void Packet_with_any_bit_flipped_is_read_or_refused_but_never_throws(int index)
    {
        var bytes = AnyPacket.Write(PacketSamples.All().ElementAt(index));
        for (var bit = 0; bit < Math.Min(bytes.Length, 2000) * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
            if (MqttFrame.TryRead(bytes, 1 << 20, out var frame, out _, out _) == MqttFrameStatus.Packet)
            {
                var isRead = AnyPacket.TryRead(frame, out _, out var fault);
                isRead.Should().Be(fault.Reason is null);
                (fault.Reason is null || (int)fault.ReasonCode >= 0x80).Should().BeTrue();
            }
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
        }
    }

    [Fact]
    public void Bytes_of_any_kind_never_throw() => Prop.ForAll<byte, byte[]>((header, body) =>
    {
        var isRead = AnyPacket.TryRead(new MqttFrame((byte)(header | 0x10), body ?? []), out _, out var fault);
        return isRead == fault.Reason is null;
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));

    [Fact]
    public void Publish_of_any_message_comes_back()
    {
        static string Text(NonNull<string> s) => new(
            [.. s.Get.Where(c => c != '\0' && !char.IsSurrogate(c) && c is not '+' and not '#')]);
        Prop.ForAll<NonNull<string>, NonNull<byte[]>, NonNull<string>>((topic, payload, text) =>
        {
            var message = new MqttApplicationMessage
            {
                Topic = "t" + Text(topic),
                Payload = payload.Get,
                ContentType = Text(text),
                CorrelationData = payload.Get,
                UserProperties = [new MqttUserProperty(Text(text), Text(topic))],
                QualityOfServiceLevel = (MqttQualityOfServiceLevel)(payload.Get.Length % 3),
            };
            var sent = new MqttPublishPacket(message) { PacketId = 1 };
            var read = (MqttPublishPacket)AnyPacket.Read(AnyPacket.Write(sent));
            return read.Message.Topic == message.Topic
                && read.Message.Payload.Span.SequenceEqual(payload.Get)
                && read.Message.ContentType == message.ContentType
                && read.Message.CorrelationData!.SequenceEqual(payload.Get)
                && read.Message.UserProperties.SequenceEqual(message.UserProperties)
                && read.QoS == message.QualityOfServiceLevel
                && new MqttPacketWriter().LengthOf(sent) == AnyPacket.Write(sent).Length;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Message_keeps_every_property()
    {
        var sample = PacketSamples.All().OfType<MqttPublishPacket>().ElementAt(1);

        var read = ((MqttPublishPacket)AnyPacket.Read(AnyPacket.Write(sample))).Message;

        read.ContentType.Should().Be("text/plain");
        read.ResponseTopic.Should().Be("r");
        read.CorrelationData.Should().Equal(9, 0);
        read.MessageExpiryInterval.Should().Be(60);
        read.PayloadFormatIndicator.Should().Be(MqttPayloadFormatIndicator.CharacterData);
        read.TopicAlias.Should().Be(2);
        read.UserProperties.Should().Equal(sample.Message.UserProperties);
        read.SubscriptionIdentifiers.Should().Equal(1, 268_435_455);
        read.Retain.Should().BeTrue();
        read.Dup.Should().BeTrue();
        read.Payload.ToArray().Should().Equal(1, 2, 3);
    }

    [Fact]
    public void Connect_is_the_bytes_of_the_specification()
    {
        var packet = new MqttConnectPacket { ClientId = "ab", CleanStart = true, KeepAliveSeconds = 10 };

        var bytes = AnyPacket.Write(packet);

        Convert.ToHexString(bytes).Should().Be("100F" + "00044D515454" + "05" + "02" + "000A" + "00" + "00026162");
    }

    [Fact]
    public void Assembler_takes_packets_out_of_any_fragmentation()
    {
        var stream = PacketSamples.All().SelectMany(AnyPacket.Write).ToArray();
        foreach (var size in new[] { 1, 2, 3, 7, 1000, stream.Length })
        {
            var assembler = new MqttFrameAssembler(1 << 20);
            var read = new List<object>();
            for (var start = 0; start < stream.Length; start += size)
            {
                ReadOnlySpan<byte> input = stream.AsSpan(start, Math.Min(size, stream.Length - start));
                while (assembler.TryTake(ref input, out var frame, out _) == MqttFrameStatus.Packet)
                {
                    AnyPacket.TryRead(frame, out var packet, out var fault).Should().BeTrue(fault.Reason);
                    read.Add(packet);
                }
            }
            read.SelectMany(AnyPacket.Write).Should().Equal(stream);
        }
    }

    [Fact]
    public void Assembler_refuses_a_packet_above_the_limit_before_it_is_there()
    {
        var assembler = new MqttFrameAssembler(100);
        ReadOnlySpan<byte> input = [0x30, 0xff, 0xff, 0xff, 0x7f];

        assembler.TryTake(ref input, out _, out var fault).Should().Be(MqttFrameStatus.Refused);

        fault.ReasonCode.Should().Be(MqttDisconnectReasonCode.PacketTooLarge);
    }
}
