namespace MqttScion.Quic.Tests;

/// <summary>One end of a handshake in memory, with all that came out of it.</summary>
internal sealed class TlsEnd(IQuicTls tls) : IDisposable
{
    public IQuicTls Tls { get; } = tls;

    public List<QuicTrafficSecrets> Secrets { get; } = [];

    public List<(EncryptionLevel Level, byte[] Bytes)> Sent { get; } = [];

    /// <summary>The handshake bytes to send next, with the secrets that came before them noted.</summary>
    public bool TryTake(out EncryptionLevel level, out byte[] bytes)
    {
        while (Tls.TryTakeSecrets(out var secrets))
        {
            Secrets.Add(secrets);
        }

        if (!Tls.TryWriteHandshake(out level, out var data))
        {
            bytes = [];
            return false;
        }

        bytes = data;
        Sent.Add((level, data));
        return true;
    }

    /// <summary>The one secret of a level that the peer must have for its other direction.</summary>
    public byte[]? ReadSecret(EncryptionLevel level) =>
        Secrets.SingleOrDefault(s => s.Level == level && s.ReadSecret is not null)?.ReadSecret;

    public byte[]? WriteSecret(EncryptionLevel level) =>
        Secrets.SingleOrDefault(s => s.Level == level && s.WriteSecret is not null)?.WriteSecret;

    public void Dispose() => Tls.Dispose();
}
