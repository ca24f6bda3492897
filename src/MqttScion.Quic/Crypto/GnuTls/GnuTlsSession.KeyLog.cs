namespace MqttScion.Quic;

/// <content>The key log, for those who ask for it.</content>
internal sealed unsafe partial class GnuTlsSession
{
    private void LogSecrets(EncryptionLevel level, byte[]? read, byte[]? write)
    {
        if (_settings.KeyLog is not { } log)
            return;
        GnuTlsDatum client, server;
        GnuTlsNative.SessionGetRandom(_handle, &client, &server);
        var random = new ReadOnlySpan<byte>(client.Start, (int)client.Length);
        Log(read, ofServer: !_isServer, random);
        Log(write, ofServer: _isServer, random);

        void Log(byte[]? secret, bool ofServer, ReadOnlySpan<byte> clientRandom)
        {
            if (secret is not null && KeyLogLine.Format(level, ofServer, clientRandom, secret) is { } line)
                log(line);
        }
    }
}
