using static MqttScion.Quic.Tests.EncodedParameters;

namespace MqttScion.Quic.Tests;

/// <summary>Transport parameters against RFC 9000 §7.3, §7.4 and §18.2.</summary>
internal static class ParameterViolations
{
    private const string Token16 = "00112233445566778899aabbccddeeff";

    private static readonly (string Name, string Hex)[] FromBoth =
    [
        ("cut off in the id", "40"),
        ("cut off in the value", "0104aa"),
        ("max_idle_timeout with bytes behind its value", "01020505"),
        ("max_udp_payload_size below 1200", "030244af"),
        ("initial_max_data that is no integer", "040140"),
        ("initial_max_streams_bidi above 2^60", "0808d000000000000001"),
        ("initial_max_streams_uni above 2^60", "0908d000000000000001"),
        ("ack_delay_exponent of 21", "0a0115"),
        ("max_ack_delay of 2^14", "0b0480004000"),
        ("disable_active_migration with a value", "0c0101"),
        ("active_connection_id_limit of 1", "0e0101"),
        ("max_datagram_frame_size that is no integer", "20020505"),
    ];

    private static readonly (string Name, string Hex)[] FromClient =
    [
        ("original_destination_connection_id", "0008" + "0102030405060708"),
        ("stateless_reset_token", "0210" + Token16),
        ("preferred_address", "0d31" + PreferredAddress(8)),
        ("retry_source_connection_id", "1008" + "0102030405060708"),
    ];

    private static readonly (string Name, string Hex)[] FromServer =
    [
        ("preferred_address without a connection id", "0d29" + PreferredAddress(0)),
        ("preferred_address that is cut off", "0d04" + "01020304"),
        ("retry_source_connection_id without a Retry", "1004" + "01020304"),
    ];

    public static IEnumerable<ViolationCase> All =>
    [
        .. FromBoth.Select(static item => Added(item.Name + " from a client", item.Hex, ofServer: false)),
        .. FromBoth.Select(static item => Added(item.Name + " from a server", item.Hex, ofServer: true)),
        .. FromClient.Select(static item => Added(item.Name + " from a client", item.Hex, ofServer: false)),
        .. FromServer.Select(static item => Added(item.Name, item.Hex, ofServer: true)),
        Changed("parameter that is repeated by a client", false, static encoded => [.. encoded, .. encoded[..10]]),
        Changed("parameter that is unknown and repeated by a client", false, static encoded =>
            [.. encoded, 0x40, 0x7b, 0, 0x40, 0x7b, 0]),
        Changed("initial_source_connection_id missing from a client", false, static encoded => Without(encoded, 0x0f)),
        Changed("initial_source_connection_id missing from a server", true, static encoded => Without(encoded, 0x0f)),
        Changed("initial_source_connection_id of another client", false, static encoded => Flipped(encoded, 0x0f)),
        Changed("initial_source_connection_id of another server", true, static encoded => Flipped(encoded, 0x0f)),
        Changed("initial_source_connection_id of 21 bytes", false, static encoded =>
            [.. Without(encoded, 0x0f), 0x0f, 21, .. new byte[21]]),
        Changed("original_destination_connection_id missing", true, static encoded => Without(encoded, 0x00)),
        Changed("original_destination_connection_id of another", true, static encoded => Flipped(encoded, 0x00)),
        Changed("stateless_reset_token of 15 bytes", true, static encoded =>
            [.. Without(encoded, 0x02), 0x02, 15, .. new byte[15]]),
        new("transport parameters missing", "9001 §8.2", QuicError.CryptoMissingExtension)
        {
            ToServer = false, Configure = static settings => settings.Tls.WithoutParameters = true,
        },
        new("application protocol missing", "9001 §8.1", QuicError.CryptoNoApplicationProtocol)
        {
            ToServer = false, Configure = static settings => settings.Tls.ApplicationProtocol = null,
        },
    ];

    private static ViolationCase Added(string name, string hex, bool ofServer) =>
        Changed(name, ofServer, encoded =>
        {
            var added = Convert.FromHexString(hex);
            // A value that is there already would count as repeated.
            return [.. added.Length > 1 ? Without(encoded, added[0]) : encoded, .. added];
        });

    private static ViolationCase Changed(string name, bool ofServer, Func<byte[], byte[]> change) =>
        new(name, "9000 §7.4, §18.2", QuicError.TransportParameterError)
        {
            ToServer = !ofServer,
            Configure = settings => settings.Tls.Rewrite = (isServer, encoded) =>
                isServer == ofServer ? change(encoded) : encoded,
        };

    private static string PreferredAddress(int idLength) =>
        new string('0', 2 * (4 + 2 + 16 + 2)) + $"{idLength:x2}" + new string('7', 2 * idLength) + Token16;
}
