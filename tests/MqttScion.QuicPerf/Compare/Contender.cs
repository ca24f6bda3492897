using System.Globalization;

namespace MqttScion.QuicPerf;

/// <summary>A QUIC implementation, by its server and its client program.</summary>
internal abstract class Contender(CompareFiles files)
{
    /// <summary>What a connection may take in beyond what was read.</summary>
    public const long WindowBytes = 24 << 20;

    /// <summary>The same for a stream.</summary>
    public const long StreamWindowBytes = 16 << 20;

    /// <summary>The longest UDP payload.</summary>
    public const int DatagramBytes = 1452;

    /// <summary>The name in the results.</summary>
    public abstract string Name { get; }

    /// <summary>What is to be known of it to read the figures.</summary>
    public abstract string Description { get; }

    /// <summary>How to install it; null when it is there.</summary>
    public abstract string? MissingHint { get; }

    /// <summary>The certificates and the content.</summary>
    protected CompareFiles Files { get; } = files;

    /// <summary>Starts the server.</summary>
    /// <param name="port">Its port on 127.0.0.1.</param>
    public abstract ChildProcess StartServer(out int port);

    /// <summary>Starts a client that downloads and exits.</summary>
    /// <param name="port">Where the server, or the relay, is on 127.0.0.1.</param>
    /// <param name="bytes">How much to get.</param>
    /// <param name="warmupBytes">How much to download before, on another connection, if it is compiled as it runs.
    /// </param>
    /// <param name="file">Where to put it, under the name that <see cref="FileNameOf"/> says.</param>
    public abstract ChildProcess StartClient(int port, long bytes, long warmupBytes, string file);

    /// <summary>The name of the file that a client writes.</summary>
    public virtual string FileNameOf(long bytes) => "saved";

    /// <summary>The port at the end of a line like <c>listening 127.0.0.1:1234</c>.</summary>
    public static int PortOf(string line) =>
        int.Parse(line.AsSpan(line.LastIndexOf(':') + 1), NumberStyles.None, CultureInfo.InvariantCulture);
}
