using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using MqttScion.Testnet;

namespace MqttScion.Cli;

/// <summary><c>mqtt-scion testnet link</c>: shows and changes links of a running test network.</summary>
internal sealed class TestnetLinkCommand
{
    private static readonly string[] States = ["up", "down", "silent"];
    private static readonly string[] Directions = ["both", "out", "in"];
    private static readonly TimeSpan LongestDelay = LinkConditions.MaxDelay;

    private const int MaxEndsTold = 24;

    private const string LinkDescription =
        """
        Show and change the links of a running test network.

        Examples:
          mqtt-scion testnet link list
          mqtt-scion testnet link set 1-ff00:0:110#1 --state down
          mqtt-scion testnet link set 1-ff00:0:120#1 --delay 20ms --loss 1%
        """;

    private readonly Argument<string> _end = new("END")
    {
        Description = "One end of the link, such as 1-ff00:0:110#1, as 'list' names it.",
    };

    private readonly Option<string?> _control = new("--control")
    {
        Description = "URL of the control API, as 'testnet up' prints it. Default: that of the test network that is "
            + $"found, else http://127.0.0.1:{TestnetCommand.DefaultControlPort}.",
        HelpName = "url",
    };

    private readonly TestnetOption _testnet = new();

    private readonly Option<bool> _json = new("--json") { Description = "Print JSON instead of text." };

    private readonly Option<string?> _state = new("--state")
    {
        Description = "up; down, which routers tell by SCMP; or silent, which nobody tells.",
        HelpName = "state",
    };

    private readonly Option<TimeSpan?> _delay = DurationOption.Create(
        "--delay", "How long packets are on the way, up to 1m.", TimeSpan.Zero, LongestDelay);

    private readonly Option<TimeSpan?> _jitter = DurationOption.Create(
        "--jitter", "How much longer they may be, evenly spread, up to 1m.", TimeSpan.Zero, LongestDelay);

    private readonly Option<string?> _loss = new("--loss")
    {
        Description = "Share of packets lost, such as 0.01 or 1%.",
        HelpName = "share",
    };

    private readonly Option<int?> _rate = new("--rate")
    {
        Description = "Bandwidth in kbit/s; 0 takes the limit away.",
        HelpName = "kbit/s",
    };

    private readonly Option<int?> _mtu = new("--mtu")
    {
        Description = "Bytes of the largest packet; 0 brings that of the topology back.",
        HelpName = "bytes",
    };

    private readonly Option<string> _direction = new("--direction")
    {
        Description = "Which packets are meant, seen from END: both, out or in.",
        HelpName = "direction",
        DefaultValueFactory = _ => "both",
    };

    private readonly Option<bool> _reset = new("--reset") { Description = "Begin from a perfect link." };

    private TestnetLinkCommand()
    {
        _state.AcceptOnlyFromAmong(States);
        _direction.AcceptOnlyFromAmong(Directions);
        _rate.Limit(0, int.MaxValue);
        _mtu.Limit(0, ushort.MaxValue);
        _loss.Validators.Add(result =>
        {
            var text = result.GetValueOrDefault<string>();
            if (!TryParseShare(text, out _))
                result.AddError($"--loss: expected a share like 0.01 or 1%, up to 1, found '{text}'.");
        });
        _control.Validators.Add(result =>
        {
            var text = result.GetValueOrDefault<string>();
            if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
                result.AddError($"--control: expected a URL like http://127.0.0.1:8480, found '{text}'.");
        });
    }

    /// <summary>Makes the command with its subcommands.</summary>
    public static Command Create()
    {
        var it = new TestnetLinkCommand();
        var list = new Command("list", "List all links and what happens to their packets.") { it._control, it._json };
        it.SetAction(list, it.ListAsync);
        var show = new Command("show", "Show one link.") { it._end, it._control, it._json };
        it.SetAction(show, (client, parse, token) => client.GetLinkAsync(parse.GetValue(it._end)!, token));
        var set = new Command("set", "Change what happens to the packets of a link; what is not named stays.")
        {
            it._end, it._state, it._delay, it._jitter, it._loss, it._rate, it._mtu, it._direction, it._reset,
            it._control, it._json,
        };
        set.Validators.Add(it.CheckChange);
        it.SetAction(set, it.SetAsync);
        foreach (var command in new[] { list, show, set })
            it._testnet.AddTo(command);
        return new Command("link", LinkDescription) { list, show, set };
    }

    private void SetAction(
        Command command, Func<ControlApiClient, ParseResult, CancellationToken, Task<LinkStatus>> run) =>
        SetAction(command, async (client, parse, token) =>
        {
            var link = await run(client, parse, token).ConfigureAwait(false);
            await parse.InvocationConfiguration.Output.WriteLineAsync(parse.GetValue(_json)
                    ? JsonText.Object(link.WriteMembersTo)
                    : LinkText.Line(link))
                .ConfigureAwait(false);
        });

    private void SetAction(Command command, Func<ControlApiClient, ParseResult, CancellationToken, Task> run) =>
        command.SetAction((parse, cancellation) => MqttScionCommand.Program.GuardAsync(
            parse.InvocationConfiguration.Error,
            async token =>
            {
                using var client = new ControlApiClient(ControlOf(parse));
                await RunAsync(client, parse, run, token).ConfigureAwait(false);
                await parse.InvocationConfiguration.Output.FlushAsync(token).ConfigureAwait(false);
                return ExitCode.Ok;
            },
            cancellation));

    private Uri ControlOf(ParseResult parse) => new(
        parse.GetValue(_control)
        ?? _testnet.Find(parse, finds: true)?.Control
        ?? $"http://127.0.0.1:{TestnetCommand.DefaultControlPort}");

    private async Task RunAsync(
        ControlApiClient client,
        ParseResult parse,
        Func<ControlApiClient, ParseResult, CancellationToken, Task> run,
        CancellationToken cancellationToken)
    {
        try
        {
            await run(client, parse, cancellationToken).ConfigureAwait(false);
        }
        catch (ControlApiException e) when (e.Status == HttpStatusCode.NotFound)
        {
            var links = await client.GetLinksAsync(cancellationToken).ConfigureAwait(false);
            var ends = string.Join(", ", links.SelectMany(link => new[] { link.A, link.B }).Take(MaxEndsTold));
            var more = links.Count * 2 > MaxEndsTold ? ", …" : "";
            throw new CommandException(
                $"No link ends at '{parse.GetValue(_end)}'; expected one of {ends}{more}. "
                + "'mqtt-scion testnet link list' tells all.",
                e);
        }
    }

    private async Task ListAsync(ControlApiClient client, ParseResult parse, CancellationToken cancellationToken)
    {
        var output = parse.InvocationConfiguration.Output;
        var links = await client.GetLinksAsync(cancellationToken).ConfigureAwait(false);
        if (!parse.GetValue(_json))
        {
            foreach (var link in links)
                await output.WriteLineAsync(LinkText.Line(link)).ConfigureAwait(false);
            return;
        }
        await output.WriteLineAsync(JsonText.Object(writer =>
        {
            writer.WriteStartArray("links");
            foreach (var link in links)
            {
                writer.WriteStartObject();
                link.WriteMembersTo(writer);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
        })).ConfigureAwait(false);
    }

    private Task<LinkStatus> SetAsync(ControlApiClient client, ParseResult parse, CancellationToken cancellationToken)
    {
        var change = new LinkChange
        {
            State = parse.GetValue(_state) switch
            {
                "up" => LinkState.Up,
                "down" => LinkState.Down,
                "silent" => LinkState.Silent,
                _ => null,
            },
            Delay = parse.GetValue(_delay),
            Jitter = parse.GetValue(_jitter),
            LossRate = TryParseShare(parse.GetValue(_loss), out var share) ? share : null,
            RateKbps = parse.GetValue(_rate),
            Mtu = parse.GetValue(_mtu),
            Directions = parse.GetValue(_direction) switch
            {
                "out" => LinkDirections.Out,
                "in" => LinkDirections.In,
                _ => LinkDirections.Both,
            },
        };
        var end = parse.GetValue(_end)!;
        return parse.GetValue(_reset)
            ? client.SetLinkAsync(end, change, cancellationToken)
            : client.ChangeLinkAsync(end, change, cancellationToken);
    }

    private void CheckChange(CommandResult result)
    {
        Option[] changes = [_state, _delay, _jitter, _loss, _rate, _mtu, _reset];
        if (!Array.Exists(changes, option => result.GetResult(option) is not null))
        {
            result.AddError(
                "set: expected a change, one or more of "
                + string.Join(", ", changes.Select(option => option.Name)) + ".");
        }
    }

    private static bool TryParseShare(string? text, out double share)
    {
        var isPercent = text?.EndsWith('%') == true;
        var isNumber = double.TryParse(
            isPercent ? text![..^1] : text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out share);
        share = isPercent ? share / 100 : share;
        return isNumber && share is >= 0 and <= 1;
    }
}
