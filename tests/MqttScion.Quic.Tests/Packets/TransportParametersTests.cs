namespace MqttScion.Quic.Tests;

public class TransportParametersTests
{
    private static readonly TransportParameters Full = new()
    {
        OriginalDestinationId = new ConnectionId([1, 2, 3, 4, 5, 6, 7, 8]),
        InitialSourceId = new ConnectionId([9, 8, 7]),
        RetrySourceId = new ConnectionId([]),
        StatelessResetToken = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
        MaxIdleTimeout = 30_000,
        MaxUdpPayloadSize = 1400,
        InitialMaxData = 1 << 20,
        InitialMaxStreamDataBidirectionalLocal = 1,
        InitialMaxStreamDataBidirectionalRemote = 2,
        InitialMaxStreamDataUnidirectional = 3,
        InitialMaxStreamsBidirectional = 4,
        InitialMaxStreamsUnidirectional = 5,
        AckDelayExponent = 6,
        MaxAckDelay = 7,
        DisableActiveMigration = true,
        ActiveConnectionIdLimit = 8,
    };

    [Fact]
    public void Write_then_TryRead_gives_the_same_parameters()
    {
        var encoded = TransportParametersWriter.Write(Full);

        TransportParametersReader.TryRead(encoded, fromServer: true, out var read, out _).Should().BeTrue();

        read.Should().BeEquivalentTo(Full);
        TransportParametersReader.TryRead(encoded, fromServer: false, out _, out _).Should().BeFalse();
    }

    [Fact]
    public void TryRead_of_nothing_gives_the_defaults()
    {
        TransportParametersReader.TryRead([], fromServer: false, out var read, out _).Should().BeTrue();

        read.Should().BeEquivalentTo(new TransportParameters());
        read!.MaxUdpPayloadSize.Should().Be(65527);
    }

    [Theory]
    [InlineData("030244af")] // max_udp_payload_size 1199
    [InlineData("0a0115")] // ack_delay_exponent 21
    [InlineData("0b0480004000")] // max_ack_delay 2^14
    [InlineData("0e0101")] // active_connection_id_limit 1
    [InlineData("0808d000000000000001")] // more than 2^60 streams
    [InlineData("0401010401 01")] // twice
    [InlineData("0c0100")] // disable_active_migration with a value
    [InlineData("02100011")] // cut off
    [InlineData("040240")] // cut off integer
    [InlineData("04020101")] // bytes behind the integer
    [InlineData("0f15000000000000000000000000000000000000000000")] // id of 21 bytes
    [InlineData("00080102030405060708")] // a server's parameter from a client
    public void TryRead_of_invalid_parameters_fails(string hex)
    {
        var encoded = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

        TransportParametersReader.TryRead(encoded, fromServer: false, out _, out var reason).Should().BeFalse();
        reason.Should().NotBeEmpty();
    }

    [Fact]
    public void TryRead_ignores_parameters_that_are_not_known()
    {
        var encoded = Convert.FromHexString("4abc0401020304" + "040105");

        TransportParametersReader.TryRead(encoded, fromServer: false, out var read, out _).Should().BeTrue();

        read!.InitialMaxData.Should().Be(5);
    }

    [Fact]
    public void TryRead_of_flipped_bits_never_throws()
    {
        var encoded = TransportParametersWriter.Write(Full);
        for (var bit = 0; bit < encoded.Length * 8; bit++)
        {
            var flipped = encoded.ToArray();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            TransportParametersReader.TryRead(flipped, fromServer: true, out _, out _);
            TransportParametersReader.TryRead(flipped.AsSpan(0, bit / 8), fromServer: true, out _, out _);
        }

        encoded.Length.Should().BeLessThan(TransportParameters.MaxEncodedLength);
    }
}
