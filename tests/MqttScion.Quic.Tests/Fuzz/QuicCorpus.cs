namespace MqttScion.Quic.Tests;

/// <summary>What passes in sessions of many kinds, as seeds for mutations: made by code, not kept in files.</summary>
internal sealed class QuicCorpus
{
    private const ulong Salt = 1;

    private QuicCorpus()
    {
        Record(asksForRetry: false, paddingBytes: 0);
        Record(asksForRetry: false, paddingBytes: 2500);
        Record(asksForRetry: true, paddingBytes: 0);
        AddVersionNegotiation();
        Payloads.AddRange(FrameSamples.All.Select(static frames => (SpaceId.Application, frames)));
        Frames = [.. Payloads.Select(static item => item.Frames)];
    }

    public static QuicCorpus Shared { get; } = new();

    /// <summary>Whole datagrams of clients, servers and endpoints.</summary>
    public List<byte[]> Datagrams { get; } = [];

    /// <summary>The frames of packets, by the space that they were sent in.</summary>
    public List<(SpaceId Space, byte[] Frames)> Payloads { get; } = [];

    public IReadOnlyList<byte[]> Frames { get; }

    private void Record(bool asksForRetry, int paddingBytes)
    {
        var protectors = new FuzzProtectors(Salt, acceptsAll: false) { OnSealed = AddPayload };
        using var pair = new FuzzPair(
            protectors, resetKey: 1, new FakeTlsFactory { PaddingBytes = paddingBytes }, asksForRetry);
        pair.OnSent = (_, bytes) => Datagrams.Add(bytes);
        pair.Exchange();
        OpenStreams(pair);
        pair.Client.SelectPath(1, pair.Now);
        pair.Exchange();
        pair.Client.TrySendDatagram(new byte[100]).Should().BeTrue();
        pair.Server!.ProbePath(0, pair.Now);
        for (var round = 0; round < 60; round++)
        {
            if (pair.Client.TryOpenStream(false, out var stream))
                stream.Reset((ulong)round);
            pair.Exchange();
        }

        pair.Client.Close(77, "the session is over", pair.Now);
        pair.Exchange();
        pair.Client.State.Should().Be(QuicConnectionState.Closing);
    }

    /// <summary>Some streams with data in both directions.</summary>
    public static void OpenStreams(FuzzPair pair)
    {
        for (var count = 0; count < 3; count++)
        {
            if (pair.Client.TryOpenStream(count > 0, out var stream))
                stream.Write(new byte[2000]);
            if (pair.Server is { } server && server.TryOpenStream(count > 1, out var other))
            {
                other.Write(new byte[500]);
                other.Finish();
            }
        }

        if (pair.Client.TryGetStream(4, out var last))
            last.StopSending(5);
    }

    private void AddPayload(byte[] header, byte[] payload)
    {
        var space = (header[0] & 0x80) == 0 ? SpaceId.Application
            : (header[0] >> 4 & 3) == 0 ? SpaceId.Initial : SpaceId.Handshake;
        Payloads.Add((space, payload));
    }

    private void AddVersionNegotiation()
    {
        var initial = Datagrams[0];
        PacketHeader.TryRead(initial, 8, out var header).Should().BeTrue();
        Datagrams.Add(
            [0xc0, 0, 0, 0, 0, 8, .. header.SourceId, 8, .. header.DestinationId, 0, 0, 0, 9, 10, 10, 10, 10]);
        var other = initial.ToArray();
        other[1] = 9;
        Datagrams.Add(other);
    }
}
