using System.Buffers.Binary;

namespace MqttScion.Simulation;

/// <summary>SplitMix64: everything that is drawn in a world comes from here, and so from its seed.</summary>
internal sealed class SimRandom(ulong seed) : IQuicRandom
{
    private ulong _state = Mix(seed);

    /// <summary>Scatters the bits of a number.</summary>
    public static ulong Mix(ulong value)
    {
        value += 0x9e37_79b9_7f4a_7c15;
        value = (value ^ value >> 30) * 0xbf58_476d_1ce4_e5b9;
        value = (value ^ value >> 27) * 0x94d0_49bb_1331_11eb;
        return value ^ value >> 31;
    }

    public ulong Next()
    {
        _state += 0x9e37_79b9_7f4a_7c15;
        return Mix(_state);
    }

    /// <summary>A number from 0 to below <paramref name="end"/>, which is at least 1.</summary>
    public int Below(int end) => (int)(Next() % (uint)end);

    /// <summary>A number from <paramref name="least"/> to <paramref name="most"/>.</summary>
    public int Between(int least, int most) => least + Below(most - least + 1);

    /// <summary>As <see cref="Between"/>, but each magnitude is as likely as the next.</summary>
    public int Scale(int least, int most) =>
        (int)Math.Clamp(least * Math.Pow((double)most / least, Fraction()), least, most);

    public double Fraction() => (Next() >> 11) / (double)(1UL << 53);

    public bool Happens(double probability) => probability > 0 && Fraction() < probability;

    public bool OneIn(int count) => Below(count) == 0;

    /// <summary>A span of time of whole microseconds.</summary>
    public TimeSpan Time(TimeSpan most) => TimeSpan.FromMicroseconds(Math.Floor(Fraction() * most.TotalMicroseconds));

    public TimeSpan Milliseconds(int least, int most) => TimeSpan.FromMilliseconds(Between(least, most));

    public T Pick<T>(params ReadOnlySpan<T> items) => items[Below(items.Length)];

    public void Fill(Span<byte> destination)
    {
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        while (!destination.IsEmpty)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(word, Next());
            var length = Math.Min(word.Length, destination.Length);
            word[..length].CopyTo(destination);
            destination = destination[length..];
        }
    }
}
