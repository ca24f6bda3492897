namespace MqttScion.Quic.Tests;

/// <summary>A pair of connections that is brought to a stage, and then hears from a peer that breaks a rule.</summary>
internal sealed class ViolationRun : IDisposable
{
    private const long FreshNumber = 5000;

    private readonly ViolationCase _case;
    private long _next = FreshNumber;

    public ViolationRun(ViolationCase violation)
    {
        _case = violation;
        Pair = new QuicPair(1, violation.Configure);
        if (violation.Configure is not null && violation.Packets.Length == 0 && violation.Act is null)
            return;
        switch (violation.Stage)
        {
            case ViolationStage.Initial:
                Pair.Tap = static (_, _, _) => false;
                Pair.Flush();
                break;
            case ViolationStage.Handshake when violation.ToServer:
                // The client's Initials come through, its Handshake packets don't.
                Pair.Tap = static (fromServer, _, bytes) => fromServer || bytes[0] >> 4 == 0x0c;
                Pair.RunUntil(() => Pair.Client.State == QuicConnectionState.Connected).Should().BeTrue();
                break;
            case ViolationStage.Handshake:
                // The server's first Initial comes through, which has the keys, and nothing behind it.
                Pair.Tap = (fromServer, _, bytes) => !fromServer || IsFirstInitial(bytes);
                Pair.RunUntil(() => Pair.Client.ReadLevel == EncryptionLevel.Handshake).Should().BeTrue();
                break;
            default:
                Pair.Connect();
                Pair.Run(TimeSpan.FromMilliseconds(100));
                break;
        }
    }

    public QuicPair Pair { get; }

    public QuicConnection Receiver => _case.ToServer ? Server : Pair.Client;

    private QuicConnection Server => Pair.Server ?? Accepted!;

    private QuicConnection? Accepted { get; set; }

    /// <summary>Runs the case and gives how the receiver closed.</summary>
    public QuicCloseReason? Run()
    {
        if (_case.Configure is not null && _case.Packets.Length == 0 && _case.Act is null)
        {
            // What is wrong is in the handshake itself.
            Pair.RunUntil(() => Closed() is not null, TimeSpan.FromSeconds(5));
            return Closed();
        }

        _case.Act?.Invoke(this);
        foreach (var packet in _case.Packets)
            Frames(packet);
        return Receiver.CloseReason;
    }

    /// <summary>Sends a packet with frames, of the kind that goes with the stage.</summary>
    public void Frames(string hex, long? number = null)
    {
        var frames = Convert.FromHexString(hex);
        Datagram(_case.Stage switch
        {
            ViolationStage.Initial => PacketForge.Initial(Pair, _case.ToServer, number ?? _next++, frames),
            ViolationStage.Handshake => PacketForge.Handshake(Pair, _case.ToServer, number ?? _next++, frames),
            _ => PacketForge.OneRtt(Pair, _case.ToServer, number ?? _next++, frames),
        });
    }

    /// <summary>Sends a 1-RTT packet with keys that were updated some times.</summary>
    public void Updated(int keyUpdates, long number, string hex = "01") =>
        Datagram(PacketForge.OneRtt(
            Pair, _case.ToServer, number, Convert.FromHexString(hex), keyUpdates: keyUpdates));

    public void Datagram(byte[] bytes)
    {
        if (_case.ToServer && Pair.Server is null && Accepted is null)
        {
            Pair.TryAccept(Pair.ServerEndpoint, bytes, 0, out var connection, out _).Should().BeTrue();
            Accepted = connection;
        }

        Receiver.Receive(bytes, 0, EcnCodepoint.NotEct, Pair.Now);
    }

    public void Dispose() => Pair.Dispose();

    private static bool IsFirstInitial(byte[] datagram)
    {
        if (!PacketHeader.TryRead(datagram, LocalConnectionIds.IdLength, out var header) ||
            header.Type != PacketType.Initial)
            return false;
        datagram.AsSpan(header.PacketLength).Clear();
        return true;
    }

    private QuicCloseReason? Closed() => (_case.ToServer ? Pair.Server : Pair.Client)?.CloseReason;
}
