namespace MqttScion.Scion.Tests;

/// <summary>SplitMix64: the same numbers from the same seed on every machine, without an allocation.</summary>
internal struct FuzzRandom(long seed)
{
    private ulong _state = (ulong)seed * 0x9e37_79b9_7f4a_7c15;

    /// <summary>A number from 0 to below <paramref name="end"/>, which is at least 1.</summary>
    internal int Next(int end) => (int)(NextUInt64() % (uint)end);

    internal bool OneIn(int count) => Next(count) == 0;

    internal byte NextByte() => (byte)NextUInt64();

    private ulong NextUInt64()
    {
        _state += 0x9e37_79b9_7f4a_7c15;
        var z = _state;
        z = (z ^ z >> 30) * 0xbf58_476d_1ce4_e5b9;
        z = (z ^ z >> 27) * 0x94d0_49bb_1331_11eb;
        return z ^ z >> 31;
    }
}
