using System.Security.Cryptography;

namespace MqttScion.Quic.Tests;

/// <summary>Reads a response as it comes: hashes what its DATA frames hold, and keeps nothing.</summary>
internal sealed class Http3Response : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly List<byte> _frameStart = [];
    private ulong _type;
    private ulong _left;

    /// <summary>The length of the content so far.</summary>
    public long Length { get; private set; }

    /// <summary>Takes the next bytes of the stream.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_left == 0)
            {
                _frameStart.Add(bytes[0]);
                bytes = bytes[1..];
                TryStartFrame();
                continue;
            }

            var length = (int)Math.Min((ulong)bytes.Length, _left);
            if (_type == Http3.DataFrame)
            {
                _hash.AppendData(bytes[..length]);
                Length += length;
            }

            _left -= (ulong)length;
            bytes = bytes[length..];
        }
    }

    /// <summary>The SHA-256 of the content.</summary>
    public byte[] TakeHash() => _hash.GetHashAndReset();

    public void Dispose() => _hash.Dispose();

    private void TryStartFrame()
    {
        var reader = new ByteReader(_frameStart.ToArray());
        if (reader.TryReadVarInt(out _type) && reader.TryReadVarInt(out _left))
            _frameStart.Clear();
        else
            _left = 0;
    }
}
