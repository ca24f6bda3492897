using MqttScion.Scion.Tests;
using Xunit.Abstractions;

namespace MqttScion.Quic.Tests;

/// <summary>
/// Mutated datagrams and frames at both ends of connections in all states: no exception, memory within the windows, an
/// end in bounded time, a proper error code; and a connection that was not closed still works.
/// </summary>
public class QuicFuzzTests(ITestOutputHelper output)
{
    private const int MutationsPerSeed = 64;
    private const int StageCount = 8;
    private const int MaxBytes = 2048;
    private const ulong LiveSalt = 2;

    private readonly byte[] _room = new byte[MaxBytes];
    private long _mutations;

    [Fact]
    public void Mutated_datagrams_are_dropped_and_end_nothing() => Fuzz("datagrams", seed =>
    {
        var random = new FuzzRandom(seed);
        using var pair = Start(ref random, acceptsAll: false, out var stage);
        var live = new List<byte[]>();
        pair.OnSent = (_, bytes) => live.Add(bytes);
        for (var count = 0; count < MutationsPerSeed; count++)
        {
            _mutations++;
            var corpus = live.Count > 0 && random.OneIn(4) ? live : QuicCorpus.Shared.Datagrams;
            var source = corpus[random.Next(corpus.Count)];
            source.CopyTo(_room, 0);
            var length = ByteMutation.Apply(ref random, _room, source.Length, 48, QuicCorpus.Shared.Datagrams);
            var bytes = _room.AsSpan(0, length);
            var toServer = random.OneIn(2);
            // Nothing in a version negotiation is authentic: a forged one may end a client that has heard nothing yet.
            if (toServer || length < 5 || bytes[1..5].ContainsAnyExcept((byte)0))
                pair.Deliver(toServer, bytes, random.Next(3));
            if (random.OneIn(16))
                pair.Exchange(1 + random.Next(4));
        }

        pair.Exchange();
        CheckMemory(pair);
        if (stage != StageCount - 1)
            CheckWorks(pair);
        CheckEnds(pair);
    });

    [Fact]
    public void Mutated_frames_are_handled_or_close_the_connection() => Fuzz("frames", seed =>
    {
        var random = new FuzzRandom(seed);
        var left = MutationsPerSeed;
        while (left > 0)
        {
            using var pair = Start(ref random, acceptsAll: true, out _);
            for (; left > 0 && pair.IsAlive; left--)
            {
                _mutations++;
                DeliverFrames(ref random, pair);
                if (random.OneIn(4))
                    pair.Exchange(1 + random.Next(4));
            }

            CheckMemory(pair);
            CheckCode(pair.Client.CloseReason);
            CheckCode(pair.Server?.CloseReason);
            CheckEnds(pair);
        }
    });

    private void Fuzz(string target, Action<long> tryOne)
    {
        FuzzBudget.Run(
            target, output.WriteLine, tryOne, static _ => [], defaultSeconds: 6);
        output.WriteLine($"{target}: {_mutations} mutations");
    }

    /// <summary>A pair that got to a stage of its life.</summary>
    private static FuzzPair Start(ref FuzzRandom random, bool acceptsAll, out int stage)
    {
        stage = random.Next(StageCount);
        var tls = new FakeTlsFactory { PaddingBytes = random.OneIn(4) ? 2500 : 0 };
        var pair = new FuzzPair(new FuzzProtectors(LiveSalt, acceptsAll), resetKey: 2, tls, random.OneIn(4));
        // 0: nothing left yet. 1 to 3: within the handshake. From 4 on it is done.
        pair.Exchange(stage < 4 ? stage : 20);
        if (stage < 5)
            return pair;
        QuicCorpus.OpenStreams(pair);
        if (stage > 5)
            pair.Exchange(random.Next(8));
        if (stage == StageCount - 1)
            (random.OneIn(2) ? pair.Client : pair.Server!).Close(9, "closing", pair.Now);
        return pair;
    }

    private void DeliverFrames(ref FuzzRandom random, FuzzPair pair)
    {
        var toServer = pair.Server is not null && random.OneIn(2);
        var receiver = toServer ? pair.Server! : pair.Client;
        var corpus = QuicCorpus.Shared;
        var (space, frames) = corpus.Payloads[random.Next(corpus.Payloads.Count)];
        if (random.OneIn(3))
            frames = FrameSamples.All[random.Next(FrameSamples.All.Count)];
        if (random.OneIn(16))
            space = (SpaceId)random.Next(3);
        var packet = _room.AsSpan();
        var header = WriteHeader(packet, pair, receiver, space, ref random);
        frames.CopyTo(packet[header..]);
        var length = random.OneIn(8) ? frames.Length : ByteMutation.Apply(
            ref random, packet[header..^IPacketProtector.TagLength], frames.Length, 24, corpus.Frames);
        FuzzProtectors.CoverOver(packet.Slice(header, length));
        var end = Math.Max(header + length, header + 4) + IPacketProtector.TagLength;
        packet[(header + length)..end].Clear();
        if (space != SpaceId.Application)
            VarInt.WriteTwoBytes(packet[(header - 6)..], 4 + end - header);
        if (space == SpaceId.Initial && toServer)
            end = Math.Max(end, 1200);
        pair.Deliver(toServer, packet[..end], random.OneIn(8) ? 1 : 0);
    }

    /// <summary>A header with a packet number of four bytes that is new.</summary>
    private static int WriteHeader(
        Span<byte> packet, FuzzPair pair, QuicConnection receiver, SpaceId space, ref FuzzRandom random)
    {
        var writer = new ByteWriter(packet);
        var sender = receiver == pair.Client ? pair.Server : pair.Client;
        var number = receiver.Spaces[(int)space].Received.Largest + 1 + random.Next(random.OneIn(4) ? 50 : 1);
        var id = receiver.LocalIds.Initial.Id.ToArray();
        if (space == SpaceId.Application)
        {
            writer.WriteByte((byte)(0x43 | (random.OneIn(16) ? 4 : 0)));
            writer.WriteBytes(id);
        }
        else
        {
            writer.WriteByte((byte)(space == SpaceId.Initial ? 0xc3 : 0xe3));
            writer.WriteUInt32(PacketHeader.Version1);
            writer.WritePrefixed(id);
            writer.WritePrefixed((sender?.LocalIds.Initial.Id ?? pair.Client.OriginalDestinationId).ToArray());
            if (space == SpaceId.Initial)
                writer.WriteVarInt(0);
            writer.Advance(sizeof(ushort));
        }

        writer.WriteUInt32((uint)number);
        return writer.Position;
    }

    private static void CheckMemory(FuzzPair pair)
    {
        foreach (var connection in new[] { pair.Client, pair.Server })
        {
            if (connection is null)
                continue;
            var unread = 0L;
            foreach (var stream in connection.Streams.All)
            {
                var kept = stream.IsReceiveOver ? 0 : stream.In.End - stream.In.Start;
                Require(kept <= pair.Options.StreamWindowBytes, "a stream keeps more than its window");
                unread += kept;
            }

            Require(unread <= pair.Options.ConnectionWindowBytes, "the streams keep more than the window");
            Require(connection.StreamCount <= 100, "there are more streams than the limits");
            Require(connection.PeerIds.Active.Count <= 4, "there are too many connection ids");
            foreach (var space in connection.Spaces)
                Require(space.Sent.End - space.Sent.First <= 4096, "too much is in flight");
        }
    }

    private static void CheckCode(QuicCloseReason? reason)
    {
        if (reason is not { Kind: QuicCloseKind.LocalTransport })
            return;
        var isProper = reason.ErrorCode is > (ulong)QuicError.InternalError and <= (ulong)QuicError.NoViablePath
            or (>= (ulong)QuicError.CryptoError and <= (ulong)QuicError.CryptoError + 0xff);
        Require(isProper, $"a connection closed by {reason}");
    }

    private static void CheckWorks(FuzzPair pair)
    {
        for (var count = 0; count < 50 && !(pair.Client.IsHandshakeConfirmed && pair.Server is not null); count++)
            pair.LetTimePass();
        Require(pair.IsAlive, $"the connection ended: {pair.Client.CloseReason}, {pair.Server?.CloseReason}");
        byte[] sent = [1, 2, 3, 4, 5];
        byte[] got = [];
        var isOpen = pair.Client.TryOpenStream(true, out var stream);
        Require(isOpen && stream is not null, "no stream can be opened");
        pair.OnRead = (fromServer, id, bytes) => got = fromServer && id == stream!.Id ? [.. got, .. bytes] : got;
        stream!.Write(sent);
        for (var count = 0; count < 50 && got.Length < sent.Length; count++)
            pair.LetTimePass();
        Require(got.AsSpan().SequenceEqual(sent), $"bytes do not arrive: {Convert.ToHexString(got)}");
    }

    private static void CheckEnds(FuzzPair pair) => Require(pair.RunOut(), "a connection never ends");

    private static void Require(bool condition, string fault)
    {
        if (!condition)
            throw new InvalidDataException(fault);
    }
}
