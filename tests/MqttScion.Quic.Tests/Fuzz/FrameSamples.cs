namespace MqttScion.Quic.Tests;

/// <summary>Frames of every type with ordinary and extreme fields.</summary>
internal static class FrameSamples
{
    private static readonly byte[] Id = [9, 9, 9, 9, 9, 9, 9, 9];
    private static readonly byte[] Max = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];

    public static IReadOnlyList<byte[]> All { get; } =
    [
        [0x00, 0x00], [0x01], [0x02, 0, 0, 0, 0], [0x02, 5, 0, 1, 0, 1, 1], [0x03, 3, 0, 0, 3, 1, 0, 1],
        [0x02, .. Max, 0, 0, .. Max],
        [0x04, 0, 1, 10], [0x04, 4, 1, .. Max], [0x05, 0, 7], [0x05, 1, 7],
        [0x06, 0, 4, 1, 0, 0, 0], [0x06, .. Max, 0], [0x06, 0x7f, 0xff, 2, 4, 4],
        [0x06, 0, 9, 4, 0, 0, 5, 0, 0, 0, 0, 0],
        [0x07, 4, 1, 2, 3, 4], [0x07, 0],
        [0x08, 0], [0x0a, 0, 3, 1, 2, 3], [0x0b, 4, 1, 9], [0x0e, 0, 0x44, 0x00, 2, 8, 8], [0x0f, 0, .. Max, 0],
        [0x0a, 0x1c, 1, 1], [0x0a, 2, 1, 1], [0x0a, 3, 1, 1], [0x0a, .. Max, 1, 1],
        [0x10, 0x7f, 0xff], [0x10, .. Max], [0x11, 0, 0x7f, 0xff], [0x11, 3, .. Max], [0x12, 0x40, 0x80],
        [0x12, .. Max], [0x13, 0x20], [0x14, 9], [0x15, 0, 9], [0x16, 9], [0x17, 9],
        [0x18, 4, 0, 8, .. Id, .. Id, .. Id], [0x18, 5, 5, 8, .. Id, .. Id, .. Id], [0x18, 1, 1, 1, 7, .. Id, .. Id],
        [0x18, .. Max, .. Max, 8, .. Id, .. Id, .. Id],
        [0x19, 0], [0x19, 1], [0x19, 2], [0x19, .. Max],
        [0x1a, .. Id], [0x1b, .. Id], [0x1c, 1, 0, 3, 65, 66, 67], [0x1d, 1, 2, 65, 66], [0x1c, .. Max, .. Max, 0],
        [0x1e], [0x30, 1, 2, 3], [0x31, 3, 1, 2, 3], [0x21], [0x40, 0x01],
    ];
}
