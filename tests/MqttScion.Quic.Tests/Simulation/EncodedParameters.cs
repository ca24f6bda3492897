namespace MqttScion.Quic.Tests;

/// <summary>Changes encoded transport parameters, as a peer that breaks the rules could.</summary>
internal static class EncodedParameters
{
    /// <summary>Takes a parameter away.</summary>
    public static byte[] Without(byte[] encoded, ulong id) => Rebuild(encoded, id, static _ => null);

    /// <summary>Flips a bit in the value of a parameter.</summary>
    public static byte[] Flipped(byte[] encoded, ulong id) => Rebuild(encoded, id, static value =>
    {
        value[0] ^= 1;
        return value;
    });

    private static byte[] Rebuild(byte[] encoded, ulong id, Func<byte[], byte[]?> change)
    {
        var output = new ByteWriter(new byte[2 * encoded.Length + 16]);
        var reader = new ByteReader(encoded);
        while (reader.TryReadVarInt(out var found) && reader.TryReadPrefixed(out var value))
        {
            var kept = found == id ? change(value.ToArray()) : value.ToArray();
            if (kept is null)
                continue;
            output.WriteVarInt(found);
            output.WritePrefixed(kept);
        }

        return output.Written.ToArray();
    }
}
