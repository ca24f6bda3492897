using System.Net;
using System.Text;

namespace MqttScion.Transport;

/// <summary>
/// Collects what is wrong with options: each fault names the option, what was expected and what came.
/// </summary>
internal sealed class OptionFaults
{
    private readonly List<string> _faults = [];

    /// <summary>The faults so far.</summary>
    public IReadOnlyList<string> All => _faults;

    public void Add(string fault) => _faults.Add(fault);

    /// <summary>The value must lie between two others, both included.</summary>
    public void RequireRange<T>(string name, T value, T least, T most)
        where T : IComparable<T>
    {
        if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
        {
            Add($"{name}: expected {least} to {most}, found {value}.");
        }
    }

    /// <summary>
    /// The three files of mutual TLS must be there, and the revocation lists if they are named; certificate and key may
    /// both be absent where TLS need not be mutual.
    /// </summary>
    public void RequireFiles(TlsOptions tls, bool isMutual = true)
    {
        RequireFile("Tls.TrustedCertificates", tls.TrustedCertificates);
        if (isMutual || tls.Certificate is not null || tls.Key is not null)
        {
            RequireFile("Tls.Certificate", tls.Certificate);
            RequireFile("Tls.Key", tls.Key);
        }
        if (tls.RevocationLists is not null)
        {
            RequireFile("Tls.RevocationLists", tls.RevocationLists);
        }
        if (tls.ServerName is { } name && !IPAddress.TryParse(name, out _)
            && (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_')))
        {
            Add($"Tls.ServerName: expected a DNS name in ASCII (others as xn--…) or an IP address, found '{name}'.");
        }
        if (string.IsNullOrWhiteSpace(tls.KeyLogFile) && tls.KeyLogFile is not null)
        {
            Add("Tls.KeyLogFile: expected the path of a file, found nothing.");
        }
        else if (tls.KeyLogFile is { } keyLog)
        {
            RequireDirectory("Tls.KeyLogFile", Path.GetDirectoryName(Path.GetFullPath(keyLog)));
        }
    }

    /// <summary>The text, if there is one, must be one that MQTT can carry; it is not shown.</summary>
    public void RequireText(string name, string? text)
    {
        if (text is null)
        {
            return;
        }
        var bytes = Encoding.UTF8.GetBytes(text);
        if (bytes.Length > ushort.MaxValue || text.Contains('\0', StringComparison.Ordinal)
            || Encoding.UTF8.GetString(bytes) != text)
        {
            Add($"{name}: expected at most 65535 bytes of UTF-8 without U+0000 and lone surrogates, found others.");
        }
    }

    /// <summary>The directory must be there, if it is named.</summary>
    public void RequireDirectory(string name, string? path)
    {
        if (path is not null && !Directory.Exists(path))
        {
            Add($"{name}: the directory '{Path.GetFullPath(path)}' does not exist.");
        }
    }

    /// <summary>The file must be there.</summary>
    public void RequireFile(string name, string? path, string kind = "PEM file")
    {
        if (string.IsNullOrWhiteSpace(path))
        {
            Add($"{name}: expected the path of a {kind}, found nothing.");
        }
        else if (!File.Exists(path))
        {
            Add($"{name}: the file '{Path.GetFullPath(path)}' does not exist.");
        }
    }
}
