namespace MqttScion.Quic.Tests;

public class GreaseTests
{
    [Fact]
    public void Transport_parameters_hold_one_without_a_meaning_which_differs_each_time()
    {
        var ids = new HashSet<ulong>();
        for (var seed = 0; seed < 10; seed++)
        {
            using var pair = new QuicPair(seed, settings => settings.Tls.Rewrite = (_, encoded) =>
            {
                ids.Add(Unknown(encoded));
                return encoded;
            });
            pair.Connect();
        }

        ids.Should().HaveCountGreaterThan(5);
        ids.Should().OnlyContain(static id => id % 31 == 27);
    }

    private static ulong Unknown(byte[] encoded)
    {
        var reader = new ByteReader(encoded);
        var found = 0UL;
        while (reader.TryReadVarInt(out var id) && reader.TryReadPrefixed(out _))
            found = id > (ulong)TransportParameterId.MaxDatagramFrameSize ? id : found;
        return found;
    }
}
