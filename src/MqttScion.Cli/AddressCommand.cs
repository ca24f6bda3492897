using System.CommandLine;
using System.Net;
using MqttScion.Scion;

namespace MqttScion.Cli;

/// <summary><c>mqtt-scion address</c>: tells who this host is in the SCION network.</summary>
internal sealed class AddressCommand
{
    private const string Description =
        """
        Tell which ASes this host is in, which border routers they have, and the SCION address to use.

        Exit codes: 0 done, 1 the path source can't be asked, 64 wrong command line.

        Example:
          mqtt-scion address --endhost-api http://127.0.0.1:10231
        """;

    private readonly PathOptions _paths = new();
    private readonly Option<bool> _json = new("--json") { Description = "Print JSON instead of text." };

    private readonly Option<TimeSpan> _timeout = DurationOption.Create(
        "--timeout",
        "How long to wait for the path source.",
        TimeSpan.FromMilliseconds(1),
        TimeSpan.FromHours(1),
        TimeSpan.FromSeconds(5));

    /// <summary>Makes the command.</summary>
    public static Command Create() => new AddressCommand().CreateCommand();

    private Command CreateCommand()
    {
        var command = new Command("address", Description) { _json, _timeout };
        _paths.AddTo(command);
        command.SetAction((parse, cancellation) => MqttScionCommand.Program.GuardAsync(
            parse.InvocationConfiguration.Error, token => RunAsync(parse, token), cancellation));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        var options = _paths.Read(parse);
        var (kind, where) = PathOptions.SourceOf(options);
        using var source = PathSources.Create(options);
        var all = await TimeLimit
            .RunAsync(
                parse.GetValue(_timeout), $"The {kind} {where}", source.GetLocalAsync, cancellationToken)
            .ConfigureAwait(false);
        var chosen = PathLookup.Choose(all, PathOptions.LocalIsdAsOf(options));
        var bind = PathOptions.BindOf(options);
        var addresses = chosen.Select(local => new LocalAddress(local, AddressIn(local, bind))).ToList();
        var output = parse.InvocationConfiguration.Output;
        await output.WriteLineAsync(parse.GetValue(_json)
                ? AddressText.Json(kind, where, addresses)
                : AddressText.Text(kind, where, addresses))
            .ConfigureAwait(false);
        await output.FlushAsync(cancellationToken).ConfigureAwait(false);
        return ExitCode.Ok;
    }

    private static IPAddress? AddressIn(LocalAs local, IPEndPoint? bind) =>
        bind?.Address
        ?? (local.Routers.Count == 0
            ? null
            : UdpUnderlay.LocalAddressTowards(local.Routers.MinBy(router => router.Key).Value));
}
