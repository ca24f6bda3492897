namespace MqttScion.Quic.Tests;

/// <summary>
/// The way in which MQTT is spread over streams: the client's first stream is for control, later ones for data; what
/// answers a message goes back on its stream; a data stream that ends or fails takes nothing with it.
/// </summary>
public class MqttStreamsTests
{
    private const byte Connect = 1;
    private const byte ConnectAck = 2;
    private const byte Publish = 3;
    private const byte PublishAck = 4;
    private const byte PingRequest = 12;
    private const byte PingAnswer = 13;
    private const int MessageBytes = 64;

    private readonly Dictionary<long, List<byte[]>> _received = [];
    private readonly byte[] _room = new byte[MessageBytes];

    [Fact]
    public void Control_stream_and_data_streams_keep_their_messages_apart()
    {
        const int dataStreams = 8, messages = 50;
        using var pair = Pair(maxStreams: dataStreams + 1);
        pair.Links[0].Loss = 0.05;
        var control = Open(pair, QuicStream.MostUrgent);
        Send(control, Connect, 0);
        // Data streams may be opened and written before the CONNACK has come.
        var streams = Enumerable.Range(0, dataStreams).Select(_ => Open(pair, QuicStream.DefaultUrgency)).ToArray();
        foreach (var stream in streams)
        {
            // Packet identifiers are those of a stream: all use the same.
            for (byte id = 1; id <= messages; id++)
                Send(stream, Publish, id);
        }

        Send(control, PingRequest, 0);

        pair.RunUntil(() => Answers(pair, control).Count == 2 &&
            streams.All(stream => Answers(pair, stream).Count == messages)).Should().BeTrue();

        Answers(pair, control).Select(answer => answer[0]).Should().Equal(ConnectAck, PingAnswer);
        foreach (var stream in streams)
        {
            Answers(pair, stream).Should().OnlyContain(answer => answer[0] == PublishAck);
            Answers(pair, stream).Select(answer => (int)answer[1]).Should().Equal(Enumerable.Range(1, messages));
        }
    }

    [Fact]
    public void Data_stream_that_ends_or_fails_leaves_the_others_alone()
    {
        using var pair = Pair(maxStreams: 3);
        var control = Open(pair, QuicStream.MostUrgent);
        var (ended, failed) = (Open(pair, QuicStream.DefaultUrgency), Open(pair, QuicStream.DefaultUrgency));
        Send(control, Connect, 0);
        Send(ended, Publish, 1);
        Send(failed, Publish, 1);
        pair.RunUntil(() => Answers(pair, failed).Count == 1 && Answers(pair, ended).Count == 1).Should().BeTrue();

        ended.Finish();
        failed.Reset(17);
        failed.StopSending(17);
        pair.RunUntil(() => Answers(pair, ended).Count == 1 && ended.IsReadFinished).Should().BeTrue();

        // Their places are free again, and the control stream lives on.
        QuicStream? another = null;
        pair.RunUntil(() => pair.Client.TryOpenStream(true, out another)).Should().BeTrue();
        Send(another!, Publish, 2);
        Send(control, PingRequest, 0);
        pair.RunUntil(() => Answers(pair, another!).Count == 1 && Answers(pair, control).Count == 2).Should().BeTrue();
        pair.ServerEvents.Should().Contain(item =>
            item.Kind == QuicEventKind.StreamReset && item.StreamId == failed.Id && item.ErrorCode == 17);
    }

    [Fact]
    public void Control_stream_is_answered_while_data_waits_for_credit()
    {
        using var pair = Pair(maxStreams: 2);
        var control = Open(pair, QuicStream.MostUrgent);
        var data = Open(pair, QuicStream.DefaultUrgency);
        // The server takes no more of the data stream than its window.
        IsHeld = id => id == data.Id;
        data.Write(new byte[1024 * 1024]).Should().BePositive();
        pair.Run(TimeSpan.FromSeconds(5));

        Send(control, PingRequest, 0);
        pair.RunUntil(() => Answers(pair, control).Count == 1, TimeSpan.FromSeconds(1)).Should().BeTrue();
    }

    private Func<long, bool> IsHeld { get; set; } = static _ => false;

    private static QuicStream Open(QuicPair pair, int urgency)
    {
        pair.Client.TryOpenStream(true, out var stream).Should().BeTrue();
        stream!.Urgency = urgency;
        return stream;
    }

    private static void Send(QuicStream stream, byte type, byte id)
    {
        var message = new byte[MessageBytes];
        (message[0], message[1]) = (type, id);
        stream.Write(message).Should().Be(MessageBytes);
    }

    /// <summary>What has come back on a stream.</summary>
    private List<byte[]> Answers(QuicPair pair, QuicStream stream)
    {
        if (!_received.TryGetValue(stream.Id, out var answers))
            _received[stream.Id] = answers = [];
        while (stream.ReadableBytes >= MessageBytes && stream.Read(_room) == MessageBytes)
            answers.Add(_room.ToArray());
        if (stream.ReadableBytes == 0)
            stream.Read(_room);
        pair.Flush();
        return answers;
    }

    // The broker's part: each message is answered on its stream, the end of a stream by the end.
    private QuicPair Pair(int maxStreams)
    {
        var pair = new QuicPair(1, settings =>
        {
            settings.ServerOptions.MaxBidirectionalStreams = maxStreams;
            settings.ServerOptions.StreamWindowBytes = 64 * 1024;
        }).Connect();
        pair.OnEvent += (fromServer, item) =>
        {
            if (!fromServer || !pair.Server!.TryGetStream(item.StreamId, out var stream) || IsHeld(item.StreamId))
                return;
            if (item.Kind == QuicEventKind.StreamReset)
                stream.Reset(item.ErrorCode);
            while (stream.ReadableBytes >= MessageBytes)
            {
                stream.Read(_room);
                byte type = _room[0] switch { Connect => ConnectAck, PingRequest => PingAnswer, _ => PublishAck };
                Send(stream, type, _room[1]);
            }

            stream.Read([]);
            if (stream.IsReadFinished)
                stream.Finish();
        };
        return pair;
    }
}
