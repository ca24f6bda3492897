using System.Buffers.Binary;

namespace MqttScion.Simulation;

/// <summary>The bytes of every stream: each follows from the seed, the stream, the direction and the offset.</summary>
internal static class Content
{
    private const ulong Factor = 0x9e37_79b9_7f4a_7c15;

    public static ulong Key(ulong seed, long streamId, bool fromServer) =>
        SimRandom.Mix(seed ^ SimRandom.Mix((ulong)streamId * 2 + (fromServer ? 1UL : 0)));

    public static void Fill(ulong key, long offset, Span<byte> destination)
    {
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        while (!destination.IsEmpty)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(word, Word(key, offset));
            var part = word[(int)(offset & 7)..];
            var length = Math.Min(part.Length, destination.Length);
            part[..length].CopyTo(destination);
            destination = destination[length..];
            offset += length;
        }
    }

    public static bool Matches(ulong key, long offset, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty && (offset & 7) != 0)
        {
            if (bytes[0] != (byte)(Word(key, offset) >> (int)(8 * (offset & 7))))
                return false;
            bytes = bytes[1..];
            offset++;
        }

        while (bytes.Length >= sizeof(ulong))
        {
            if (BinaryPrimitives.ReadUInt64LittleEndian(bytes) != Word(key, offset))
                return false;
            bytes = bytes[sizeof(ulong)..];
            offset += sizeof(ulong);
        }

        for (var index = 0; index < bytes.Length; index++)
        {
            if (bytes[index] != (byte)(Word(key, offset) >> (8 * index)))
                return false;
        }

        return true;
    }

    private static ulong Word(ulong key, long offset)
    {
        var word = (key + (ulong)(offset >> 3)) * Factor;
        return word ^ word >> 32;
    }
}
