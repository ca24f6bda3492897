namespace MqttScion.Quic;

/// <summary>
/// A client's tokens from NEW_TOKEN frames: the newest of each server, for one use (RFC 9000 §8.1.3).
/// </summary>
internal sealed class ReceivedTokens
{
    public const int MaxTokenBytes = 512;

    private const int MaxServers = 64;

    private readonly Dictionary<string, byte[]> _tokens = [];

    public void Keep(string serverName, ReadOnlySpan<byte> token)
    {
        if (token.Length <= MaxTokenBytes && (_tokens.Count < MaxServers || _tokens.ContainsKey(serverName)))
            _tokens[serverName] = token.ToArray();
    }

    public byte[] Take(string serverName) => _tokens.Remove(serverName, out var token) ? token : [];
}
