using System.Net;
using MqttScion.Udp;

namespace MqttScion.Scion.Tests;

public class StunMessageTests
{
    private static readonly StunTransactionId Id = new(0xb7e7_a701_bc34_d686, 0xfa87_dfae);

    // RFC 5769 §2.2 and §2.3.
    private static readonly byte[] IPv4Sample = Convert.FromHexString(
        "0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220"
        + "002000080001a147e112a643000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96");

    private static readonly byte[] IPv6Sample = Convert.FromHexString(
        "010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220"
        + "002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9"
        + "00080014a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c");

    [Fact]
    public void Sample_responses_of_rfc_5769_are_read()
    {
        Read(IPv4Sample).Should().Be("192.0.2.1:32853");
        Read(IPv6Sample).Should().Be("[2001:db8:1234:5678:11:2233:4455:6677]:32853");
    }

    [Fact]
    public void Request_ends_with_its_fingerprint_and_is_read()
    {
        var message = new byte[StunMessage.RequestLength];
        StunMessage.WriteRequest(message, Id).Should().Be(28);
        Convert.ToHexStringLower(message).Should().StartWith("000100082112a442b7e7a701bc34d686fa87dfae80280004");
        StunMessage.TryReadRequest(message, out var id).Should().BeTrue();
        id.Should().Be(Id);
    }

    [Fact]
    public void Request_without_a_right_fingerprint_is_refused()
    {
        var message = new byte[StunMessage.RequestLength];
        StunMessage.WriteRequest(message, Id);
        message[^1] ^= 1;
        StunMessage.TryReadRequest(message, out _).Should().BeFalse();
        message = message[..20];
        message[3] = 0;
        StunMessage.TryReadRequest(message, out _).Should().BeFalse();
    }

    [Theory]
    [InlineData("10.1.2.3:4567")]
    [InlineData("[2001:db8::1]:65535")]
    public void Response_carries_the_address(string address)
    {
        var message = new byte[StunMessage.MaxResponseLength];
        var length = StunMessage.WriteResponse(message, Id, IPEndPoint.Parse(address));
        Read(message.AsSpan(0, length)).Should().Be(address);
    }

    [Fact]
    public void Response_to_another_request_is_refused()
    {
        StunMessage.TryReadResponse(IPv4Sample, Id with { Last = 1 }, out _).Should().BeFalse();
        StunMessage.TryReadRequest(IPv4Sample, out _).Should().BeFalse();
    }

    [Fact]
    public void Old_attribute_is_accepted_and_the_current_one_wins_over_it()
    {
        var old = WithoutFingerprint(IPv4Sample);
        old[36..38].Should().Equal(0x00, 0x20);
        (old[36], old[37]) = (0x80, 0x20);
        Read(old).Should().Be("192.0.2.1:32853");
        byte[] both = [.. WithoutFingerprint(IPv4Sample), .. old[36..48]];
        both[^1] ^= 0xff; // Another address in the old one.
        both[3] += 12;
        Read(both).Should().Be("192.0.2.1:32853");
    }

    [Fact]
    public void Response_without_an_address_or_with_port_0_is_refused()
    {
        var message = new byte[StunMessage.MaxResponseLength];
        StunMessage.WriteRequest(message, Id);
        message[0] = 0x01; // A response with a fingerprint alone, which is now wrong, then none at all.
        Read(message.AsSpan(0, 28)).Should().BeNull();
        message[3] = 0;
        Read(message.AsSpan(0, 20)).Should().BeNull();
        var length = StunMessage.WriteResponse(message, Id, new IPEndPoint(IPAddress.Loopback, 0));
        Read(message.AsSpan(0, length)).Should().BeNull();
    }

    [Fact]
    public void Truncated_or_bent_messages_never_throw_and_no_flipped_bit_gives_another_address()
    {
        foreach (var sample in new[] { IPv4Sample, IPv6Sample })
        {
            for (var length = 0; length < sample.Length; length++)
                Read(sample.AsSpan(0, length)).Should().BeNull();
            for (var bit = 0; bit < sample.Length * 8; bit++)
            {
                var bent = sample.ToArray();
                bent[bit / 8] ^= (byte)(1 << bit % 8);
                // A flip that hides the fingerprint, as by its type, leaves the address as it was.
                (Read(bent) ?? Read(sample)).Should().Be(Read(sample));
            }
        }
        var random = new Random(1);
        for (var i = 0; i < 20_000; i++)
        {
            var bent = IPv6Sample.ToArray();
            for (var changes = random.Next(1, 8); changes > 0; changes--)
                bent[random.Next(20, bent.Length)] = (byte)random.Next(256);
            var cut = random.Next(0, bent.Length / 4) * 4;
            StunMessage.TryReadResponse(bent.AsSpan(0, cut), Id, out _);
            StunMessage.TryReadRequest(bent, out _);
        }
    }

    private static byte[] WithoutFingerprint(byte[] sample)
    {
        var rest = sample[..^8];
        rest[3] = (byte)(rest.Length - 20);
        return rest;
    }

    private static string? Read(ReadOnlySpan<byte> message) =>
        StunMessage.TryReadResponse(message, Id, out UdpAddress mapped) ? mapped.ToString() : null;
}
