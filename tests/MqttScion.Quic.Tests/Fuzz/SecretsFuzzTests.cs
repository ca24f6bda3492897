using MqttScion.Scion.Tests;
using Xunit.Abstractions;

namespace MqttScion.Quic.Tests;

/// <summary>
/// Mutated transport parameters and tokens: what is read lies within the ranges, what is forged is not taken.
/// </summary>
public class SecretsFuzzTests(ITestOutputHelper output)
{
    private const int MutationsPerSeed = 64;
    private const int DefaultSeconds = 3;

    private static readonly byte[] Address = AddressTokens.Digest([192, 0, 2, 1]);
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch + TimeSpan.FromDays(1);

    private readonly byte[] _room = new byte[2048];

    [Fact]
    public void Mutated_transport_parameters_are_refused_or_within_their_ranges()
    {
        var corpus = Parameters();
        FuzzBudget.Run("parameters", output.WriteLine, TryOne, static _ => [], DefaultSeconds);

        void TryOne(long seed)
        {
            var random = new FuzzRandom(seed);
            for (var count = 0; count < MutationsPerSeed; count++)
            {
                var bytes = Mutate(ref random, corpus);
                foreach (var fromServer in new[] { false, true })
                {
                    if (TransportParametersReader.TryRead(bytes, fromServer, out var read, out var reason))
                        CheckRanges(read, fromServer);
                    else
                        Require(reason.Length > 0, "there is no reason");
                }
            }

            if (random.OneIn(4))
                Connect(ref random);
        }
    }

    [Fact]
    public void Mutated_tokens_prove_nothing()
    {
        using var tokens = new AddressTokens(new SeededRandom(1), new byte[32], new byte[16]);
        var first = new ConnectionId([1, 2, 3, 4, 5, 6, 7, 8]);
        byte[][] corpus =
        [
            tokens.WriteNewToken(Address, Now),
            tokens.WriteRetry(Address, first, first, Now),
            tokens.WriteRetry(Address, new ConnectionId(new byte[20]), first, Now),
        ];
        tokens.TryRead(corpus[1], Address, out _).Should().BeTrue();
        FuzzBudget.Run("tokens", output.WriteLine, TryOne, static _ => [], DefaultSeconds);

        void TryOne(long seed)
        {
            var random = new FuzzRandom(seed);
            for (var count = 0; count < MutationsPerSeed; count++)
            {
                var bytes = Mutate(ref random, corpus).ToArray();
                var isOurs = corpus.Any(token => token.AsSpan().SequenceEqual(bytes));
                Require(tokens.TryRead(bytes, Address, out _) == isOurs, "a forged token was taken");
            }
        }
    }

    /// <summary>A handshake in which one side's parameters are mutated succeeds, or ends with a proper code.</summary>
    private void Connect(ref FuzzRandom random)
    {
        var state = random;
        var changesServer = random.OneIn(2);
        var tls = new FakeTlsFactory
        {
            Rewrite = (isServer, encoded) =>
                isServer == changesServer ? Mutate(ref state, [encoded]).ToArray() : encoded,
        };
        using var pair = new FuzzPair(new FuzzProtectors(3, acceptsAll: false), resetKey: 3, tls);
        pair.Exchange();
        if (pair.Client.State == QuicConnectionState.Connected)
            QuicCorpus.OpenStreams(pair);
        foreach (var reason in new[] { pair.Client.CloseReason, pair.Server?.CloseReason })
        {
            Require(
                reason is not { Kind: QuicCloseKind.LocalTransport } ||
                    reason.ErrorCode == (ulong)QuicError.TransportParameterError,
                $"the connection closed by {reason}");
        }

        pair.Exchange();
        Require(pair.RunOut(), "a connection never ends");
    }

    private Span<byte> Mutate(ref FuzzRandom random, byte[][] corpus)
    {
        var source = corpus[random.Next(corpus.Length)];
        source.CopyTo(_room, 0);
        return _room.AsSpan(0, ByteMutation.Apply(ref random, _room, source.Length, 200, corpus));
    }

    private static void CheckRanges(TransportParameters read, bool fromServer)
    {
        Require(read.AckDelayExponent <= 20, "ack_delay_exponent is above 20");
        Require(read.MaxAckDelay < 1 << 14, "max_ack_delay is 2^14 or more");
        Require(read.MaxUdpPayloadSize >= 1200, "max_udp_payload_size is below 1200");
        Require(read.ActiveConnectionIdLimit >= 2, "active_connection_id_limit is below 2");
        Require(read.InitialMaxStreamsBidirectional <= 1UL << 60, "initial_max_streams is above 2^60");
        Require(fromServer || read.StatelessResetToken is null, "a client has a stateless reset token");
    }

    private static byte[][] Parameters()
    {
        var id = new ConnectionId([1, 2, 3, 4, 5, 6, 7, 8]);
        var client = new TransportParameters
        {
            InitialSourceId = id,
            MaxIdleTimeout = 30_000,
            InitialMaxData = 1 << 20,
        };
        var server = new TransportParameters
        {
            InitialSourceId = id,
            OriginalDestinationId = id,
            RetrySourceId = id,
            StatelessResetToken = new byte[16],
            MaxDatagramFrameSize = 1200,
            InitialMaxStreamsBidirectional = 16,
        };
        var grease = new byte[TransportParametersWriter.GreaseBytes];
        return [TransportParametersWriter.Write(client, grease), TransportParametersWriter.Write(server, grease)];
    }

    private static void Require(bool condition, string fault)
    {
        if (!condition)
            throw new InvalidDataException(fault);
    }
}
