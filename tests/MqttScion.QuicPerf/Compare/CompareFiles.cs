using System.Security.Cryptography;
using MqttScion.Testnet;

namespace MqttScion.QuicPerf;

/// <summary>The content, the certificates and the downloads of a comparison, in memory where possible.</summary>
internal sealed class CompareFiles : IDisposable
{
    private const string MemoryFolder = "/dev/shm";

    private readonly DirectoryInfo _folder;
    private int _count;

    /// <summary>Makes the certificates, and the content of the longest download.</summary>
    /// <param name="contentBytes">Its length.</param>
    public CompareFiles(long contentBytes)
    {
        _folder = Directory.CreateDirectory(Path.Combine(
            Directory.Exists(MemoryFolder) ? MemoryFolder : Path.GetTempPath(), Path.GetRandomFileName()));
        Certificates = TestCertificates.Create(_folder.FullName, ["localhost", "127.0.0.1"]);
        ContentFolder = _folder.CreateSubdirectory("content").FullName;
        WriteContent(contentBytes);
    }

    /// <summary>Where everything is; the certificates have the names that all commands expect.</summary>
    public string Folder => _folder.FullName;

    /// <summary>The certificates.</summary>
    public TestCertificates Certificates { get; }

    /// <summary>Has a file for each length that <see cref="ContentOf"/> was asked for.</summary>
    public string ContentFolder { get; }

    /// <summary>The longest content.</summary>
    public string ContentFile => Path.Combine(ContentFolder, "all");

    /// <summary>Makes a new folder.</summary>
    public string CreateFolder() => _folder.CreateSubdirectory($"{_count++}").FullName;

    /// <summary>The name of the file with the first bytes of the content.</summary>
    // gtlsserver takes a plain number for something else: so many bytes of its own making.
    public static string NameOf(long bytes) => $"content-{bytes}";

    /// <summary>The file with the first bytes of the content; made on demand.</summary>
    public string ContentOf(long bytes)
    {
        var file = Path.Combine(ContentFolder, NameOf(bytes));
        if (File.Exists(file))
            return file;
        using var source = File.OpenRead(ContentFile);
        using var target = File.Create(file);
        Copy(source, bytes, target.Write);
        return file;
    }

    /// <summary>The SHA-256 of the first bytes of the content.</summary>
    public byte[] HashOf(long bytes)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var source = File.OpenRead(ContentFile);
        Copy(source, bytes, hash.AppendData);
        return hash.GetHashAndReset();
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Delete(recursive: true);

    private static void Copy(Stream source, long bytes, Action<ReadOnlySpan<byte>> target)
    {
        var buffer = new byte[1 << 20];
        for (var left = bytes; left > 0;)
        {
            var length = source.Read(buffer, 0, (int)Math.Min(left, buffer.Length));
            if (length == 0)
                throw new EndOfStreamException($"The content has {bytes - left} bytes of {bytes}.");
            target(buffer.AsSpan(0, length));
            left -= length;
        }
    }

    private void WriteContent(long bytes)
    {
        using var file = File.Create(ContentFile);
        for (long offset = 0; offset < bytes;)
        {
            var part = Pattern.At(offset, bytes - offset);
            file.Write(part);
            offset += part.Length;
        }
    }
}
