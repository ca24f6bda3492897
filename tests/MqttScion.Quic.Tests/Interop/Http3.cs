using System.Text;

namespace MqttScion.Quic.Tests;

/// <summary>As much of HTTP/3 (RFC 9114) and QPACK (RFC 9204) as a download without any header field needs.</summary>
internal static class Http3
{
    public const byte DataFrame = 0x00;

    private const byte HeadersFrame = 0x01;

    /// <summary>What starts the control stream: its type, and SETTINGS without a setting.</summary>
    public static byte[] ControlStream { get; } = [0x00, 0x04, 0x00];

    /// <summary>What HTTP/3 needs of the engine: three unidirectional streams of the peer and one for grease.</summary>
    public static QuicOptions Permit(QuicOptions? options)
    {
        options ??= new QuicOptions();
        options.MaxUnidirectionalStreams = 4;
        return options;
    }

    public static byte[] Get(string authority, string path)
    {
        // The static table has ":method: GET" at 17, ":scheme: https" at 23, ":authority" at 0 and ":path" at 1.
        byte[] section =
        [
            0x00, 0x00, 0xc0 | 17, 0xc0 | 23,
            0x50, (byte)authority.Length, .. Encoding.ASCII.GetBytes(authority),
            0x51, (byte)path.Length, .. Encoding.ASCII.GetBytes(path),
        ];
        return [HeadersFrame, (byte)section.Length, .. section];
    }

    /// <summary>A response with ":status: 200", which is entry 25 of the static table.</summary>
    public static byte[] Response(byte[] content)
    {
        var start = new ByteWriter(new byte[16]);
        start.WriteBytes([HeadersFrame, 0x03, 0x00, 0x00, 0xc0 | 25]);
        start.WriteVarInt(DataFrame);
        start.WriteVarInt((ulong)content.Length);
        return [.. start.Written, .. content];
    }
}
