namespace MqttScion.Quic.Tests;

/// <summary>Acknowledgements, connection ids, CRYPTO data, keys and headers against the rules.</summary>
internal static class ConnectionViolations
{
    public static IEnumerable<ViolationCase> All =>
    [
        new("ACK of a 1-RTT packet that was not sent", "9000 §13.1", QuicError.ProtocolViolation)
        {
            Packets = ["02bfffffff000000"],
        },
        new("ACK of a Handshake packet that was not sent", "9000 §13.1", QuicError.ProtocolViolation)
        {
            Stage = ViolationStage.Handshake, Packets = ["024064000000"],
        },
        new("ACK of an Initial packet that was not sent", "9000 §13.1", QuicError.ProtocolViolation)
        {
            Stage = ViolationStage.Initial, ToServer = false, Packets = ["024064000000"],
        },
        new("ACK of a packet number that was left out", "9000 §21.4", QuicError.ProtocolViolation)
        {
            Act = AcknowledgeSkipped,
        },
        .. Ids,
        .. Crypto,
        .. Keys,
        .. Headers,
    ];

    private static IEnumerable<ViolationCase> Ids =>
    [
        Id("RETIRE_CONNECTION_ID of an id that was not issued", QuicError.ProtocolViolation, "1907"),
        Id("RETIRE_CONNECTION_ID of the id of its packet", QuicError.ProtocolViolation, "1900"),
        Id("NEW_CONNECTION_ID beyond the limit", QuicError.ConnectionIdLimitError,
            NewId(10, 0), NewId(11, 0), NewId(12, 0), NewId(13, 0)),
        Id("NEW_CONNECTION_IDs that ask to retire more than is remembered", QuicError.ConnectionIdLimitError,
            [NewId(62, 62), .. Enumerable.Range(10, 30).Select(static sequence => NewId(sequence, sequence))]),
        Id("NEW_CONNECTION_ID with the sequence number of another id", QuicError.ProtocolViolation,
            NewId(10, 10), NewId(10, 10, id: 9)),
        Id("NEW_CONNECTION_ID with the id of another sequence number", QuicError.ProtocolViolation,
            NewId(10, 10), NewId(11, 10, id: 10)),
        Id("NEW_CONNECTION_ID with another reset token", QuicError.ProtocolViolation,
            NewId(10, 10), NewId(10, 10, token: 9)),
        Id("NEW_CONNECTION_ID that comes twice", null, NewId(10, 10), NewId(10, 10)),
        Id("RETIRE_CONNECTION_ID that comes twice", null, "1901", "1901"),
    ];

    private static IEnumerable<ViolationCase> Crypto =>
    [
        new("CRYPTO to a server after the handshake", "9001 §6", QuicError.CryptoUnexpectedMessage)
        {
            Packets = ["060004" + "04000000"],
        },
        Tls("TLS KeyUpdate", "9001 §6", QuicError.CryptoUnexpectedMessage, "18000001" + "00"),
        Tls("TLS CertificateRequest after the handshake", "9001 §4.4", QuicError.ProtocolViolation, "0d000000"),
        Tls("NewSessionTicket that limits early data", "9001 §4.6.1", QuicError.ProtocolViolation,
            "04000016" + "0000000100000000" + "00" + "000101" + "0008" + "002a0004" + "00001000"),
        Tls("NewSessionTicket for early data of QUIC", "9001 §4.6.1", null,
            "04000016" + "0000000100000000" + "00" + "000101" + "0008" + "002a0004" + "ffffffff"),
        Tls("NewSessionTicket that is announced too long", "9000 §7.5", QuicError.CryptoBufferExceeded, "04ffffff"),
        new("CRYPTO far ahead in 1-RTT", "9000 §7.5", QuicError.CryptoBufferExceeded)
        {
            ToServer = false, Packets = ["06800200000141"],
        },
        new("CRYPTO far ahead in an Initial", "9000 §7.5", QuicError.CryptoBufferExceeded)
        {
            Stage = ViolationStage.Initial, Packets = ["06800200000141"],
        },
        new("CRYPTO far ahead in a Handshake packet", "9000 §7.5", QuicError.CryptoBufferExceeded)
        {
            Stage = ViolationStage.Handshake, Packets = ["06800200000141"],
        },
        new("CRYPTO goes on at a level that is over", "9001 §4.1.3", QuicError.ProtocolViolation)
        {
            Stage = ViolationStage.Handshake,
            Act = static run => run.Datagram(PacketForge.Initial(
                run.Pair, toServer: true, 5000, Convert.FromHexString("0650000141"))),
        },
        new("TLS fails", "9001 §4.8", (QuicError)0x0128)
        {
            Stage = ViolationStage.Handshake, Packets = ["060004" + "63000000"],
        },
    ];

    private static IEnumerable<ViolationCase> Keys =>
    [
        new("packet with older keys than one before it", "9001 §6.4", QuicError.KeyUpdateError)
        {
            Act = static run =>
            {
                run.Updated(1, 6000);
                run.Updated(0, 6001);
            },
        },
        new("keys that are updated again before an acknowledgement", "9001 §6.2", QuicError.KeyUpdateError)
        {
            Act = static run =>
            {
                run.Updated(1, 6000);
                run.Updated(2, 6001);
            },
        },
        new("keys that are updated again before an acknowledgement by a server", "9001 §6.2", QuicError.KeyUpdateError)
        {
            ToServer = false,
            Act = static run =>
            {
                run.Updated(1, 6000);
                run.Updated(2, 6001);
            },
        },
        new("ACK with old keys for a packet with new ones", "9001 §6.2", QuicError.KeyUpdateError)
        {
            Act = static run =>
            {
                run.Updated(1, 6000);
                run.Pair.Flush();
                var newest = run.Receiver.NextPacketNumber - 1;
                run.Updated(0, 5999, $"02{0x40000000_00000000UL + (ulong)newest | 0xc0000000_00000000UL:x16}000000");
            },
        },
        new("packet with older keys that is late", "9001 §6.4", null)
        {
            Act = static run =>
            {
                run.Updated(1, 6000);
                run.Updated(0, 5999);
            },
        },
        new("more forgeries than the keys stand", "9001 §6.6", QuicError.AeadLimitReached)
        {
            Configure = static settings => settings.ServerOptions.MaxForgedPackets = 10,
            Act = static run =>
            {
                for (var count = 0; count < 10; count++)
                {
                    var packet = PacketForge.OneRtt(run.Pair, toServer: true, 6000, [1, 0, 0, 0]);
                    packet[^1] ^= 1;
                    run.Datagram(packet);
                }
            },
        },
    ];

    private static IEnumerable<ViolationCase> Headers =>
    [
        new("reserved bits of a short header", "9000 §17.3.1", QuicError.ProtocolViolation)
        {
            Act = static run => run.Datagram(
                PacketForge.OneRtt(run.Pair, toServer: true, 5000, [1], firstByteBits: 0x08)),
        },
        new("reserved bits of a Handshake packet", "9000 §17.2", QuicError.ProtocolViolation)
        {
            Stage = ViolationStage.Handshake,
            Act = static run => run.Datagram(PacketForge.Handshake(run.Pair, toServer: true, 5000, [1], 0x04)),
        },
        new("reserved bits of an Initial", "9000 §17.2", QuicError.ProtocolViolation)
        {
            Stage = ViolationStage.Initial,
            Act = static run => run.Datagram(PacketForge.Initial(run.Pair, toServer: true, 5000, [1], 0x08)),
        },
        new("Initial of a server with a token", "9000 §17.2.2", null)
        {
            Stage = ViolationStage.Initial, ToServer = false,
            Act = static run => run.Datagram(PacketForge.Initial(run.Pair, toServer: false, 9, [0x1f], token: [1])),
        },
        new("Handshake packet from another connection id", "9000 §7.2", null)
        {
            Stage = ViolationStage.Handshake,
            Act = static run => run.Datagram(
                PacketForge.Handshake(run.Pair, toServer: true, 9, [0x1f], source: [1, 2, 3, 4])),
        },
        new("short header without the fixed bit", "9000 §17.3.1", null)
        {
            Configure = static settings => settings.ServerOptions.GreaseQuicBit = false,
            Act = static run =>
            {
                var packet = PacketForge.OneRtt(run.Pair, toServer: true, 5000, [0x1f]);
                packet[0] &= 0xbf;
                run.Datagram(packet);
            },
        },
    ];

    private static ViolationCase Id(string name, QuicError? expected, params string[] packets) =>
        new(name, "9000 §5.1, §19.15, §19.16", expected) { Packets = packets };

    private static ViolationCase Tls(string name, string rule, QuicError? expected, string message) =>
        new(name, rule, expected) { ToServer = false, Packets = [$"0600{message.Length / 2:x2}{message}"] };

    private static string NewId(int sequence, int retirePriorTo, int? id = null, int? token = null) =>
        $"18{sequence:x2}{retirePriorTo:x2}08{id ?? sequence:x16}{token ?? sequence:x32}";

    private static void AcknowledgeSkipped(ViolationRun run)
    {
        // The first number that is left out is one of the first few hundred.
        run.Pair.Client.TryOpenStream(true, out var stream).Should().BeTrue();
        run.Pair.EchoOnServer();
        for (var count = 0; count < 400; count++)
        {
            stream!.Write([1]);
            run.Pair.Run(TimeSpan.FromMilliseconds(30));
        }

        var skipped = run.Receiver.SkippedPacketNumber;
        skipped.Should().BePositive();
        run.Frames($"02{0xc0000000_00000000UL | (ulong)skipped:x16}000000", 9000);
    }
}
