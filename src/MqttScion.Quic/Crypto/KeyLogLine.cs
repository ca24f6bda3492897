namespace MqttScion.Quic;

/// <summary>
/// Lines of the NSS key log format, by which tools like Wireshark decrypt what was captured (SSLKEYLOGFILE,
/// draft-ietf-tls-keylogfile).
/// </summary>
internal static class KeyLogLine
{
    /// <summary>The line of one traffic secret, or null at a level that has none.</summary>
    /// <param name="level">The level that the secret protects.</param>
    /// <param name="ofServer">Whether the server's packets are protected by it.</param>
    /// <param name="clientRandom">The random bytes of the ClientHello, by which tools find the connection.</param>
    /// <param name="secret">The secret.</param>
    public static string? Format(
        EncryptionLevel level, bool ofServer, ReadOnlySpan<byte> clientRandom, ReadOnlySpan<byte> secret) =>
        LabelOf(level, ofServer) is { } label
            ? $"{label} {Convert.ToHexStringLower(clientRandom)} {Convert.ToHexStringLower(secret)}"
            : null;

    private static string? LabelOf(EncryptionLevel level, bool ofServer) => (level, ofServer) switch
    {
        (EncryptionLevel.EarlyData, false) => "CLIENT_EARLY_TRAFFIC_SECRET",
        (EncryptionLevel.Handshake, false) => "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
        (EncryptionLevel.Handshake, true) => "SERVER_HANDSHAKE_TRAFFIC_SECRET",
        (EncryptionLevel.Application, false) => "CLIENT_TRAFFIC_SECRET_0",
        (EncryptionLevel.Application, true) => "SERVER_TRAFFIC_SECRET_0",
        _ => null,
    };
}
