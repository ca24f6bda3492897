namespace MqttScion.Quic.Tests;

/// <summary>Handshakes that no timer would bring on; found by simulation.</summary>
public class HandshakeDeadlockTests
{
    [Fact]
    public void Client_that_changes_the_path_gets_what_was_lost_on_the_one_before()
    {
        using var pair = new QuicPair(1, static settings => settings.Tls.PaddingBytes = 3000);
        pair.AddPath(1);
        // Some of the server's flight arrives, so that the client is past its first keys; the end of it does not.
        var count = 0;
        pair.Tap = (fromServer, path, _) => !fromServer || path == 1 || ++count <= 2;
        pair.RunUntil(() => count > 2).Should().BeTrue();

        pair.Client.SelectPath(1, pair.Now);

        pair.RunUntil(() => pair.Client.IsHandshakeConfirmed, TimeSpan.FromSeconds(9)).Should().BeTrue();
    }

    [Fact]
    public void Client_whose_window_is_full_of_data_repeats_its_last_handshake_message()
    {
        const int pingBytes = 60;
        using var pair = new QuicPair();
        var lost = 0;
        pair.Tap = (fromServer, _, bytes) =>
        {
            if (fromServer || pair.Client.State != QuicConnectionState.Connected || lost == 2)
                return true;
            // Data that the server has no keys for, the last handshake message, and its repetition by a probe. The
            // other probe arrives, so that the message is found lost, and nothing of its kind is in flight.
            if ((bytes[0] & 0x80) == 0)
                return false;
            lost += bytes.Length > pingBytes ? 1 : 0;
            return bytes.Length <= pingBytes;
        };
        pair.OnEvent += (fromServer, item) =>
        {
            if (fromServer || item.Kind != QuicEventKind.HandshakeCompleted)
                return;
            pair.Client.TryOpenStream(true, out var stream).Should().BeTrue();
            stream!.Write(new byte[200_000]);
        };

        pair.RunUntil(() => pair.Server is { IsHandshakeConfirmed: true }, TimeSpan.FromSeconds(9)).Should().BeTrue();
        lost.Should().Be(2);
    }
}
