namespace MqttScion.Quic.Tests;

/// <summary>0-RTT packets and resumed handshakes against the rules.</summary>
internal static class EarlyDataViolations
{
    // Every frame that RFC 9000 §12.5 keeps out of 0-RTT packets.
    private static readonly (string Name, string Hex)[] Forbidden =
    [
        ("ACK", "0200000000"), ("ACK_ECN", "0300000000000000"), ("CRYPTO", "06000141"), ("HANDSHAKE_DONE", "1e"),
        ("NEW_TOKEN", "0701aa"), ("PATH_RESPONSE", "1b0102030405060708"), ("RETIRE_CONNECTION_ID", "1901"),
    ];

    public static IEnumerable<ViolationCase> All =>
    [
        .. Forbidden.Select(static frame => new ViolationCase(
            $"{frame.Name} in a 0-RTT packet", "9000 §12.5", QuicError.ProtocolViolation)
        {
            Configure = Accept,
            Act = run => run.Datagram(PacketForge.ZeroRtt(run.Pair, 5000, Convert.FromHexString(frame.Hex))),
        }),
        new("0-RTT packet without frames", "9000 §12.4", QuicError.ProtocolViolation)
        {
            Configure = Accept,
            Act = static run => run.Datagram(PacketForge.ZeroRtt(run.Pair, 5000, [])),
        },
        new("0-RTT packet that was not accepted", "9001 §4.6.2", null)
        {
            Act = static run => run.Datagram(PacketForge.ZeroRtt(run.Pair, 5000, [0x1f])),
        },
        .. Reduced.Select(static parameter => new ViolationCase(
            $"{parameter.Name} below what was remembered, with early data accepted", "9000 §7.4.1",
            QuicError.ProtocolViolation)
        {
            ToServer = false,
            Configure = settings =>
            {
                Accept(settings);
                settings.Tls.Rewrite = (isServer, encoded) =>
                    isServer ? EncodedParameters.Without(encoded, parameter.Id) : encoded;
            },
        }),
    ];

    private static (string Name, ulong Id)[] Reduced =>
    [
        ("initial_max_data", 0x04), ("initial_max_stream_data_bidi_local", 0x05),
        ("initial_max_stream_data_bidi_remote", 0x06), ("initial_max_stream_data_uni", 0x07),
        ("initial_max_streams_bidi", 0x08), ("initial_max_streams_uni", 0x09),
        ("active_connection_id_limit", 0x0e), ("max_datagram_frame_size", 0x20),
    ];

    private static void Accept(PairSettings settings)
    {
        settings.ServerOptions.MaxUnidirectionalStreams = 3;
        settings.ServerOptions.MaxDatagramFrameBytes = 1000;
        EarlyDataTests.Resume(settings, EarlyDataTests.Ticket(static first =>
        {
            first.ServerOptions.MaxUnidirectionalStreams = 3;
            first.ServerOptions.MaxDatagramFrameBytes = 1000;
        }));
    }
}
