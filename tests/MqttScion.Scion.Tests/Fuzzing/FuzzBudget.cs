using System.Diagnostics;
using System.Globalization;

namespace MqttScion.Scion.Tests;

/// <summary>How much to try, and the loop that does so.</summary>
/// <remarks>
/// <c>MQTTSCION_FUZZ_SECONDS</c> is the time for each target, 10 s or less by default; <c>MQTTSCION_FUZZ_COUNT</c>
/// sets a number of cases instead. A case follows from its seed alone; they count up from <c>MQTTSCION_FUZZ_SEED</c>,
/// 0 by default.
/// </remarks>
internal static class FuzzBudget
{
    private const int CasesBetweenLooksAtTheClock = 64;

    /// <summary>Tries one seed after the other; a failure names its seed and shows the input.</summary>
    /// <param name="target">What is tried.</param>
    /// <param name="report">Gets one line with the count reached.</param>
    /// <param name="tryOne">Tries the case of a seed.</param>
    /// <param name="input">The input of a seed, to be shown.</param>
    /// <param name="defaultSeconds">The time, when nothing else is set.</param>
    internal static void Run(
        string target,
        Action<string> report,
        Action<long> tryOne,
        Func<long, byte[]> input,
        int defaultSeconds = 10)
    {
        var first = Setting("SEED", 0);
        var count = Setting("COUNT", long.MaxValue);
        var time = TimeSpan.FromSeconds(Setting("SECONDS", defaultSeconds));
        var startedAt = Stopwatch.GetTimestamp();
        var seed = first;
        for (; seed - first < count; seed++)
        {
            var looksAtTheClock = count == long.MaxValue && (seed - first) % CasesBetweenLooksAtTheClock == 0;
            if (looksAtTheClock && Stopwatch.GetElapsedTime(startedAt) > time)
                break;
            Try(target, seed, tryOne, input);
        }
        var elapsed = Stopwatch.GetElapsedTime(startedAt);
        report(string.Create(
            CultureInfo.InvariantCulture,
            $"{target}: seeds {first} to {seed - 1}, {seed - first} cases in {elapsed.TotalSeconds:0.0} s"));
        seed.Should().BeGreaterThan(first, "something must have been tried");
    }

    private static void Try(string target, long seed, Action<long> tryOne, Func<long, byte[]> input)
    {
        try
        {
            tryOne(seed);
        }
        catch (Exception e)
        {
            throw new InvalidDataException(
                $"{target}, seed {seed} (MQTTSCION_FUZZ_SEED={seed} MQTTSCION_FUZZ_COUNT=1): {e.Message} Input: "
                + Convert.ToHexStringLower(input(seed)),
                e);
        }
    }

    private static long Setting(string name, long unset) =>
        Environment.GetEnvironmentVariable($"MQTTSCION_FUZZ_{name}") is { Length: > 0 } text
            ? long.Parse(text, CultureInfo.InvariantCulture)
            : unset;
}
