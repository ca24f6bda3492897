using MqttScion.Scion;

namespace MqttScion.Cli;

/// <summary>How <c>ping</c> tells what happens: a line for each event.</summary>
internal interface IPingPrinter
{
    /// <summary>The line for the start.</summary>
    string Start(Destination destination, ScionEndPoint local, int payloadLength);

    /// <summary>The line for the outcome of a request.</summary>
    string Outcome(int sequence, Destination destination, PingResult result);

    /// <summary>The line for a path that went down or is used from now on; null for other events.</summary>
    string? Path(PathEvent pathEvent);

    /// <summary>The lines at the end.</summary>
    IEnumerable<string> End(Destination destination, PingStatistics statistics, TimeSpan elapsed);
}
