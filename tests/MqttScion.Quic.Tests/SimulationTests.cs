using System.Globalization;

namespace MqttScion.Quic.Tests;

/// <summary>
/// Whole connections under conditions drawn from a seed. The environment variable MQTTSCION_SIMULATION_SEEDS asks for
/// more of them.
/// </summary>
public class SimulationTests
{
    private const int DefaultSeedCount = 30;
    private const int PathCount = 3;

    public static IEnumerable<object[]> Seeds =>
        Enumerable.Range(1000, SeedCount).Select(static seed => new object[] { seed });

    private static int SeedCount => int.TryParse(
        Environment.GetEnvironmentVariable("MQTTSCION_SIMULATION_SEEDS"), CultureInfo.InvariantCulture, out var count)
        ? count
        : DefaultSeedCount;

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Echo_over_changing_paths_returns_the_bytes(int seed)
    {
        var random = new Random(seed);
        using var pair = new QuicPair(seed, settings =>
        {
            settings.Tls.PaddingBytes = random.Next(6000);
            settings.MaxSegments = random.Next(1, 20);
            settings.ClientOptions.HandshakeTimeout = TimeSpan.FromMinutes(2);
            settings.ServerOptions.HandshakeTimeout = TimeSpan.FromMinutes(2);
            settings.ClientOptions.IdleTimeout = TimeSpan.FromMinutes(2);
            settings.ServerOptions.IdleTimeout = TimeSpan.FromMinutes(2);
            settings.ClientOptions.KeyUpdatePackets = random.Next(20, 400);
            settings.ServerOptions.KeyUpdatePackets = random.Next(20, 400);
            settings.ServerOptions.StreamWindowBytes = random.Next(5_000, 100_000);
            settings.ServerOptions.ConnectionWindowBytes = 65536;
            settings.ClientOptions.StreamWindowBytes = random.Next(5_000, 100_000);
            settings.ClientOptions.SendBufferBytes = random.Next(5_000, 100_000);
            settings.ServerOptions.SendBufferBytes = random.Next(5_000, 100_000);
        });
        Draw(pair.Links[0], random);
        for (var path = 1; path < PathCount; path++)
            Draw(pair.AddPath(path), random);
        pair.EchoOnServer();
        pair.RunUntil(() => pair.Client.IsHandshakeConfirmed, TimeSpan.FromMinutes(2)).Should().BeTrue();
        var switchEvery = random.Next(20, 2000);
        var count = 0;
        pair.Tap = (fromServer, _, _) =>
        {
            if (!fromServer && ++count % switchEvery == 0)
                pair.Client.SelectPath(random.Next(PathCount), pair.Now);
            return true;
        };

        for (var round = 0; round < 3; round++)
        {
            var data = Transfer.RandomBytes(random.Next(1, 150_000), seed);
            pair.Echo(data, TimeSpan.FromHours(1)).AsSpan().SequenceEqual(data).Should().BeTrue();
        }

        pair.Client.Close(1, "done", pair.Now);
        pair.RunUntil(() => pair.Server!.State == QuicConnectionState.Drained, TimeSpan.FromMinutes(5))
            .Should().BeTrue();
        pair.Server!.CloseReason!.Kind.Should().BeOneOf(QuicCloseKind.PeerApplication, QuicCloseKind.IdleTimeout);
    }

    private static void Draw(Link link, Random random)
    {
        link.Delay = TimeSpan.FromMilliseconds(random.Next(1, 120));
        link.Loss = random.Next(3) == 0 ? 0 : random.NextDouble() * 0.2;
        link.Reorder = random.NextDouble() * 0.3;
        link.Duplication = random.NextDouble() * 0.1;
        link.Corruption = random.NextDouble() * 0.05;
        link.BytesPerSecond = random.Next(2) == 0 ? 0 : random.Next(50_000, 5_000_000);
    }
}
