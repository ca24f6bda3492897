namespace MqttScion.Scion;

/// <summary>The outcome of one look-up by a <see cref="PathRefresher"/>.</summary>
/// <param name="At">When it ended.</param>
/// <param name="Returned">How many paths the source returned; 0 after a failure.</param>
/// <param name="Allowed">How many of them the policy allows.</param>
/// <param name="Failure">Why it failed: <see cref="PathLookupException"/> or <see cref="TimeoutException"/>; null when
/// the source answered.</param>
/// <param name="Next">The time until the next look-up, unless one is requested before.</param>
public sealed record PathRefresh(
    DateTimeOffset At, int Returned, int Allowed, Exception? Failure, TimeSpan Next)
{
    /// <summary>The outcome on one line, a failure without its stack.</summary>
    public override string ToString()
    {
        var failure = Failure is null ? "" : $"{Failure.GetType().Name}: {LookupHttp.OneLine(Failure.Message)}";
        return FormattableString.Invariant(
            $"PathRefresh {{ At = {At:O}, Returned = {Returned}, Allowed = {Allowed}, Failure = {failure}, ")
            + FormattableString.Invariant($"Next = {Next.TotalSeconds:0.##} s }}");
    }
}
