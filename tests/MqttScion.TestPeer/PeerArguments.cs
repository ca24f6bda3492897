namespace MqttScion.TestPeer;

/// <summary>What a test tells its peer: <c>NAME=VALUE</c> on the command line.</summary>
internal sealed class PeerArguments
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    private PeerArguments()
    {
    }

    /// <summary>The value of a name that must be there.</summary>
    public string this[string name] =>
        _values.TryGetValue(name, out var value) ? value : throw new ArgumentException($"{name}=… is missing.");

    public static bool TryParse(IEnumerable<string> words, out PeerArguments arguments)
    {
        arguments = new PeerArguments();
        foreach (var word in words)
        {
            var split = word.IndexOf('=', StringComparison.Ordinal);
            if (split <= 0)
            {
                return false;
            }
            arguments._values[word[..split]] = word[(split + 1)..];
        }
        return true;
    }

    /// <summary>The value of a name that must be there and be a number.</summary>
    public long Number(string name) => long.Parse(this[name]);

    /// <summary>The value of a name that may be there; then it must be a number.</summary>
    public bool TryNumber(string name, out long number)
    {
        number = _values.TryGetValue(name, out var value) ? long.Parse(value) : 0;
        return value is not null;
    }

    public void Fill(TlsOptions tls)
    {
        tls.TrustedCertificates = this["ca"];
        tls.Certificate = this["certificate"];
        tls.Key = this["key"];
    }
}
