using System.CommandLine;
using System.Text;

namespace MqttScion.QuicPerf;

/// <summary><c>quicperf compare</c>: this engine beside quic-go and ngtcp2, in one run on one machine.</summary>
internal sealed class CompareCommand
{
    private const string OnlyClean = "clean", OnlyLossy = "lossy";

    private readonly Option<long> _bytes = SizeOption.Create(
        "--bytes", "How much to download without loss.", 256 << 20);

    private readonly Option<long> _lossyBytes = SizeOption.Create(
        "--lossy-bytes", "How much to download through the relay.", 8 << 20);

    private readonly Option<long> _warmup = SizeOption.Create(
        "--warmup", "How much our client, compiled as it runs, downloads before on another connection; not with loss.",
        64 << 20);

    private readonly Option<int> _rounds = new("--rounds")
    {
        Description = "How often each downloads in each scenario, 1 to 100. Default: 5.",
        DefaultValueFactory = _ => 5,
    };

    private readonly Option<double> _loss = new("--loss")
    {
        Description = "Percentage of datagrams that the relay drops. Default: 1.",
        HelpName = "percent",
        DefaultValueFactory = _ => 1,
    };

    private readonly Option<double> _delay = new("--delay")
    {
        Description = "Milliseconds that the relay delays each datagram one way. Default: 20.",
        HelpName = "ms",
        DefaultValueFactory = _ => 20,
    };

    private readonly Option<string> _only = new("--only") { Description = "One of the scenarios. Default: both." };

    private readonly Option<string> _peers = new("--peers")
    {
        Description = "Which, with commas. Default: ours,quic-go,ngtcp2; those not installed are left out.",
        DefaultValueFactory = _ => "ours,quic-go,ngtcp2",
    };

    private readonly Option<string> _congestion = EndpointOptions.CreateCongestion();

    private readonly Option<bool> _json = new("--json") { Description = "Print the results as one line of JSON." };

    /// <summary>Makes the command.</summary>
    public static Command Create() => new CompareCommand().CreateCommand();

    private Command CreateCommand()
    {
        _only.AcceptOnlyFromAmong(OnlyClean, OnlyLossy);
        var command = new Command(
            "compare",
            "Download with this engine, quic-go and ngtcp2 in turns, a process for each side, and compare.")
        {
            _bytes, _lossyBytes, _warmup, _rounds, _loss, _delay, _only, _peers, _congestion, _json,
            SaveMode.CreateCommand(),
        };
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parse, CancellationToken cancellation)
    {
        var error = parse.InvocationConfiguration.Error;
        var output = parse.InvocationConfiguration.Output;
        using var files = new CompareFiles(Math.Max(parse.GetValue(_bytes), parse.GetValue(_lossyBytes)));
        var contenders = FindContenders(parse, files, error);
        var results = new List<CompareResult>();
        foreach (var scenario in Scenarios(parse))
        {
            await using var bout = new CompareBout(scenario, files, contenders, error.WriteLine);
            results.Add(await bout.RunAsync(cancellation).ConfigureAwait(false));
        }
        output.WriteLine(parse.GetValue(_json)
            ? Encoding.UTF8.GetString(Figures.ToJson(results))
            : string.Join("\n\n", results.Select(CompareTable.Format)) + "\n\n" + CompareTable.Legend(contenders));
        return 0;
    }

    private List<Contender> FindContenders(ParseResult parse, CompareFiles files, TextWriter error)
    {
        var names = parse.GetValue(_peers)!.Split(',');
        var ours = new OurContender(files, parse.GetValue(_congestion)!);
        Contender[] known = [ours, new QuicGoContender(files), new Ngtcp2Contender(files)];
        var found = new List<Contender>();
        foreach (var contender in known.Where(item => names.Contains(item.Name)))
        {
            if (contender.MissingHint is { } hint)
                error.WriteLine($"{contender.Name} is left out: {hint}");
            else
                found.Add(contender);
        }
        return found;
    }

    private IEnumerable<CompareScenario> Scenarios(ParseResult parse)
    {
        var only = parse.GetValue(_only);
        var rounds = Math.Clamp(parse.GetValue(_rounds), 1, 100);
        if (only is null or OnlyClean)
        {
            yield return new CompareScenario(
                OnlyClean, parse.GetValue(_bytes), parse.GetValue(_warmup), rounds, LossPercent: 0, DelayMs: 0);
        }
        if (only is null or OnlyLossy)
        {
            yield return new CompareScenario(
                OnlyLossy, parse.GetValue(_lossyBytes), 0, rounds, parse.GetValue(_loss), parse.GetValue(_delay));
        }
    }
}
