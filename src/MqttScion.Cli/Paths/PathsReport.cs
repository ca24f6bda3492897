using System.Net;
using MqttScion.Scion;

namespace MqttScion.Cli;

/// <summary>What <c>paths</c> shows.</summary>
/// <param name="Local">The AS in which the paths begin.</param>
/// <param name="Destination">The AS in which they end.</param>
/// <param name="Rows">The paths in the order in which they are shown.</param>
/// <param name="LocalAddress">The address from which they were probed; null when they weren't.</param>
/// <param name="At">When it was.</param>
internal sealed record PathsReport(
    IsdAs Local, IsdAs Destination, IReadOnlyList<PathRow> Rows, IPAddress? LocalAddress, DateTimeOffset At);

/// <summary>One path with what is known of it.</summary>
/// <param name="Path">The path.</param>
/// <param name="Verdict">What the policy says.</param>
/// <param name="Outcome">What became of the probe; null when none was sent.</param>
internal sealed record PathRow(ScionPath Path, PathVerdict Verdict, ProbeOutcome? Outcome);
