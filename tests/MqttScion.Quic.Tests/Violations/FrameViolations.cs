namespace MqttScion.Quic.Tests;

/// <summary>Frames that are malformed, or in packets that must not carry them.</summary>
internal static class FrameViolations
{
    private const string Id8 = "0102030405060708";
    private const string Token16 = "00112233445566778899aabbccddeeff";

    // Every frame that RFC 9000 §12.4 (table 3) and RFC 9221 §4 keep out of Initial and Handshake packets.
    private static readonly (string Name, string Hex)[] OneRttOnly =
    [
        ("RESET_STREAM", "04000000"), ("STOP_SENDING", "050000"), ("NEW_TOKEN", "0701aa"), ("STREAM", "0a00024142"),
        ("MAX_DATA", "1040ff"), ("MAX_STREAM_DATA", "110040ff"), ("MAX_STREAMS", "1201"), ("DATA_BLOCKED", "1400"),
        ("STREAM_DATA_BLOCKED", "150000"), ("STREAMS_BLOCKED", "1600"),
        ("NEW_CONNECTION_ID", "18010008" + Id8 + Token16), ("RETIRE_CONNECTION_ID", "1900"),
        ("PATH_CHALLENGE", "1a" + Id8), ("PATH_RESPONSE", "1b" + Id8), ("CONNECTION_CLOSE 0x1d", "1d0000"),
        ("HANDSHAKE_DONE", "1e"), ("DATAGRAM", "31024142"),
    ];

    // Frames that end too early, or with values that their sections forbid.
    private static readonly (string Name, string Rule, string Hex)[] Malformed =
    [
        ("frame of an unknown type", "9000 §12.4", "1f"),
        ("frame of an unknown two-byte type", "9000 §12.4", "4040"),
        ("ACK cut off", "9000 §19.3", "0205"),
        ("ACK whose first range goes below zero", "9000 §19.3", "0205000006"),
        ("ACK whose gap goes below zero", "9000 §19.3.1", "0205000100" + "0500"),
        ("ACK whose range goes below zero", "9000 §19.3.1", "0205000100" + "0103"),
        ("ACK with fewer ranges than announced", "9000 §19.3", "02050002000000"),
        ("ACK_ECN without counts", "9000 §19.3.2", "0305000000"),
        ("ACK_ECN with two counts", "9000 §19.3.2", "03050000000101"),
        ("RESET_STREAM cut off", "9000 §19.4", "040000"),
        ("STOP_SENDING cut off", "9000 §19.5", "0500"),
        ("CRYPTO longer than its packet", "9000 §19.6", "06000541"),
        ("CRYPTO beyond 2^62-1", "9000 §19.6", "06ffffffffffffffff0141"),
        ("NEW_TOKEN without a length", "9000 §19.7", "07"),
        ("STREAM without an id", "9000 §19.8", "08"),
        ("STREAM longer than its packet", "9000 §19.8", "0a000541"),
        ("STREAM beyond 2^62-1", "9000 §19.8", "0e00ffffffffffffffff0141"),
        ("MAX_DATA cut off", "9000 §19.9", "10"),
        ("MAX_STREAM_DATA cut off", "9000 §19.10", "1100"),
        ("MAX_STREAMS above 2^60 bidirectional", "9000 §19.11", "12d000000000000001"),
        ("MAX_STREAMS above 2^60 unidirectional", "9000 §19.11", "13d000000000000001"),
        ("DATA_BLOCKED cut off", "9000 §19.12", "14"),
        ("STREAM_DATA_BLOCKED cut off", "9000 §19.13", "1500"),
        ("STREAMS_BLOCKED above 2^60", "9000 §19.14", "16d000000000000001"),
        ("STREAMS_BLOCKED above 2^60 unidirectional", "9000 §19.14", "17d000000000000001"),
        ("NEW_CONNECTION_ID of length zero", "9000 §19.15", "18040000" + Token16),
        ("NEW_CONNECTION_ID of 21 bytes", "9000 §19.15", "18040015" + Id8 + Id8 + "0102030405" + Token16),
        ("NEW_CONNECTION_ID that retires beyond itself", "9000 §19.15", "18040508" + Id8 + Token16),
        ("NEW_CONNECTION_ID with half a token", "9000 §19.15", "18040008" + Id8 + "0011223344556677"),
        ("RETIRE_CONNECTION_ID cut off", "9000 §19.16", "19"),
        ("PATH_CHALLENGE of 7 bytes", "9000 §19.17", "1a01020304050607"),
        ("PATH_RESPONSE of 7 bytes", "9000 §19.18", "1b01020304050607"),
        ("CONNECTION_CLOSE whose reason is cut off", "9000 §19.19", "1c00000541"),
        ("CONNECTION_CLOSE 0x1d whose reason is cut off", "9000 §19.19", "1d000541"),
        ("DATAGRAM longer than its packet", "9221 §4", "310541"),
    ];

    public static IEnumerable<ViolationCase> All =>
    [
        .. OneRttOnly.SelectMany(static frame => new[]
        {
            Misplaced(frame.Name, frame.Hex, ViolationStage.Initial, toServer: true),
            Misplaced(frame.Name, frame.Hex, ViolationStage.Handshake, toServer: true),
            Misplaced(frame.Name, frame.Hex, ViolationStage.Initial, toServer: false),
            Misplaced(frame.Name, frame.Hex, ViolationStage.Handshake, toServer: false),
        }),
        .. Malformed.Select(static frame => Connected(
            frame.Name, frame.Rule, QuicError.FrameEncodingError, frame.Hex)),
        Connected("frame type in two bytes that fits into one", "9000 §12.4", QuicError.ProtocolViolation, "4001"),
        Connected("packet without frames", "9000 §12.4", QuicError.ProtocolViolation, ""),
        Connected("NEW_TOKEN from a client", "9000 §19.7", QuicError.ProtocolViolation, "0701aa"),
        Connected("HANDSHAKE_DONE from a client", "9000 §19.20", QuicError.ProtocolViolation, "1e"),
        Connected("NEW_TOKEN that is empty", "9000 §19.7", QuicError.FrameEncodingError, "0700") with
        {
            ToServer = false,
        },
        Connected("DATAGRAM that was not offered", "9221 §3", QuicError.ProtocolViolation, "31024142"),
        Connected("DATAGRAM without a length that was not offered", "9221 §3", QuicError.ProtocolViolation, "304142"),
        Connected("PATH_RESPONSE that nobody asked for", "9000 §19.18", null, "1b" + Id8),
        Connected("PATH_CHALLENGE by the dozen", "9000 §8.2", null, string.Concat(Enumerable.Repeat("1a" + Id8, 100))),
        new("Initial without frames", "9000 §12.4", QuicError.ProtocolViolation)
        {
            Stage = ViolationStage.Initial, Packets = [""],
        },
        new("Handshake packet without frames", "9000 §12.4", QuicError.ProtocolViolation)
        {
            Stage = ViolationStage.Handshake, Packets = [""],
        },
        new("frame of an unknown type in an Initial", "9000 §12.4", QuicError.FrameEncodingError)
        {
            Stage = ViolationStage.Initial, Packets = ["1f"],
        },
    ];

    private static ViolationCase Connected(string name, string rule, QuicError? expected, string hex) =>
        new(name, rule, expected) { Packets = [hex] };

    private static ViolationCase Misplaced(string name, string hex, ViolationStage stage, bool toServer) =>
        new($"{name} in {stage} packet to {(toServer ? "server" : "client")}", "9000 §12.4",
            QuicError.ProtocolViolation)
        {
            Stage = stage,
            ToServer = toServer,
            Packets = [hex],
        };
}
