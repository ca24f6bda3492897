using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using MqttScion.Scion;

namespace MqttScion.Cli;

/// <summary>What is to be reached: an AS, or a host in it.</summary>
/// <param name="IsdAs">The AS; no wildcard.</param>
/// <param name="Host">The host; null when only the AS was named.</param>
internal sealed record Destination(IsdAs IsdAs, ScionHost? Host)
{
    /// <summary>Makes the argument DST for commands that need no host.</summary>
    public static Argument<string> AsArgument() =>
        Argument("AS or host to reach, such as 2-ff00:0:211 or [2-ff00:0:211,10.0.0.2].", needsHost: false);

    /// <summary>Makes the argument DST for commands that need a host.</summary>
    public static Argument<string> HostArgument() =>
        Argument("Host to reach, such as [2-ff00:0:211,10.0.0.2] or 2-ff00:0:211,10.0.0.2.", needsHost: true);

    /// <summary>Reads an ISD-AS or a SCION address; a port is left out.</summary>
    public static bool TryParse(
        string? text, [NotNullWhen(true)] out Destination? destination, [NotNullWhen(false)] out string? problem)
    {
        destination = null;
        problem = null;
        if (IsdAs.TryParse(text, out var isdAs))
            destination = new Destination(isdAs, null);
        else if (ScionEndPoint.TryParse(text?.EndsWith(']') == true ? text + ":0" : text, out var endPoint))
            destination = new Destination(endPoint.IsdAs, endPoint.Host);
        if (destination is null || destination.IsdAs.IsWildcard)
        {
            problem = $"expected a form like 2-ff00:0:211 or [2-ff00:0:211,10.0.0.2], found '{text}'";
            destination = null;
        }
        return destination is not null;
    }

    /// <summary>Reads what <see cref="TryParse"/> has accepted.</summary>
    public static Destination Parse(string text) =>
        TryParse(text, out var destination, out var problem) ? destination : throw new FormatException(problem);

    /// <summary>The form <c>[2-ff00:0:211,10.0.0.2]</c>, or the AS alone.</summary>
    public override string ToString() => Host is { } host ? $"[{IsdAs},{host}]" : IsdAs.ToString();

    private static Argument<string> Argument(string description, bool needsHost)
    {
        var argument = new Argument<string>("DST") { Description = description };
        argument.Validators.Add(result =>
        {
            var text = result.GetValueOrDefault<string>();
            if (!TryParse(text, out var destination, out var problem))
                result.AddError($"DST: {problem}.");
            else if (needsHost && destination.Host?.TryGetIPAddress(out _) != true)
            {
                result.AddError(
                    $"DST: expected a host with an IP address, like [2-ff00:0:211,10.0.0.2], found '{text}'.");
            }
        });
        return argument;
    }
}
