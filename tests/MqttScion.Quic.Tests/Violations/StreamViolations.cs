namespace MqttScion.Quic.Tests;

/// <summary>Streams in the wrong state, beyond their limits, or with two ends.</summary>
internal static class StreamViolations
{
    // The server permits 16 bidirectional streams, no unidirectional ones, 1 MiB a stream and 4 MiB in all.
    public static IEnumerable<ViolationCase> All =>
    [
        State("STREAM on a stream that the receiver did not open", "0a01024142"),
        State("STREAM on a stream that only the receiver sends on", "0a03024142"),
        State("RESET_STREAM of a stream that the receiver did not open", "04010000"),
        State("RESET_STREAM of a stream that only the receiver sends on", "04030000"),
        State("STOP_SENDING for a stream that the receiver did not open", "050100"),
        State("STOP_SENDING for a stream that only the peer sends on", "050200"),
        State("MAX_STREAM_DATA for a stream that the receiver did not open", "110101"),
        State("MAX_STREAM_DATA for a stream that only the peer sends on", "110201"),
        State("STREAM_DATA_BLOCKED for a stream that only the receiver sends on", "150301"),
        State("STREAM_DATA_BLOCKED for a stream that the receiver did not open", "150101"),
        State("STREAM on a client's stream that it did not open", "0a00024142") with { ToServer = false },
        State("STOP_SENDING for a client's stream that it did not open", "050000") with { ToServer = false },
        Limit("STREAM beyond the limit of streams", "0a40c0024142"),
        Limit("STREAM beyond the limit of unidirectional streams", "0a02024142"),
        Limit("RESET_STREAM beyond the limit of streams", "0440c00000"),
        Limit("STOP_SENDING beyond the limit of streams", "0540c000"),
        Limit("MAX_STREAM_DATA beyond the limit of streams", "1140c001"),
        Limit("STREAM_DATA_BLOCKED beyond the limit of streams", "1540c001"),
        Limit("STREAM beyond a client's limit of streams", "0a41c1024142") with { ToServer = false },
        Flow("STREAM beyond the window of its stream", "0e0080100000024142"),
        Flow("STREAM that ends beyond the window of its stream", "0f008010000100"),
        Flow("RESET_STREAM beyond the window of its stream", "040000" + "80100001"),
        Flow("STREAMs beyond the window of the connection",
            "0e00800fffff0141", "0e04800fffff0141", "0e08800fffff0141", "0e0c800fffff0141", "0a100141"),
        Flow("RESET_STREAMs beyond the window of the connection",
            "04000080100000", "04040080100000", "04080080100000", "040c0080100000", "04100001"),
        Flow("STREAM beyond the window of a client's connection", "0e01bfffffff0141") with { ToServer = false },
        Final("STREAM beyond the end", "0b00024142", "0e00020141"),
        Final("STREAM with another end below", "0b00024142", "0b000141"),
        Final("STREAM with another end above", "0b00024142", "0f00020141"),
        Final("STREAM whose end is below what came", "0a0003414243", "0b000141"),
        Final("RESET_STREAM below what came", "0a00024142", "04000001"),
        Final("RESET_STREAM beyond the end", "0b00024142", "04000003"),
        Final("RESET_STREAM with two sizes", "04000005", "04000006"),
        Final("STREAM beyond a RESET_STREAM", "04000005", "0e00050141"),
        Final("STREAM that ends elsewhere than a RESET_STREAM", "04000005", "0b000141"),
        new("STREAM with more gaps than are kept", "9000 §21.7", QuicError.InternalError)
        {
            Act = static run =>
            {
                for (var offset = 2; offset < 20_000 && run.Receiver.CloseReason is null; offset += 2)
                    run.Frames($"0e00{0x80000000 | (uint)offset:x8}0141");
            },
        },
    ];

    private static ViolationCase State(string name, params string[] packets) =>
        new(name, "9000 §3, §19", QuicError.StreamStateError) { Packets = packets };

    private static ViolationCase Limit(string name, params string[] packets) =>
        new(name, "9000 §4.6", QuicError.StreamLimitError) { Packets = packets };

    private static ViolationCase Flow(string name, params string[] packets) =>
        new(name, "9000 §4.1", QuicError.FlowControlError) { Packets = packets };

    private static ViolationCase Final(string name, params string[] packets) =>
        new(name, "9000 §4.5", QuicError.FinalSizeError) { Packets = packets };
}
