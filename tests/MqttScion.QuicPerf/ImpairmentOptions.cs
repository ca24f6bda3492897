using System.CommandLine;

namespace MqttScion.QuicPerf;

/// <summary>The options that make a link worse.</summary>
internal sealed class ImpairmentOptions(bool hasRate)
{
    private readonly Option<double> _loss = new("--loss")
    {
        Description = "Percentage of datagrams to drop.",
        HelpName = "percent",
    };

    private readonly Option<double> _delay = new("--delay")
    {
        Description = "Milliseconds that each datagram takes one way.",
        HelpName = "ms",
    };

    private readonly Option<double> _reorder = new("--reorder")
    {
        Description = "Percentage of datagrams to hold back by another 1 to 5 ms.",
        HelpName = "percent",
    };

    private readonly Option<double> _rate = new("--rate")
    {
        Description = "Megabits per second that get through. Default: no limit.",
        HelpName = "Mbit/s",
    };

    private readonly Option<long> _queue = SizeOption.Create("--queue", "What waits for --rate at most.", 256 * 1024);

    private readonly Option<int> _seed = new("--seed")
    {
        Description = "Decides which datagrams are hit.",
        DefaultValueFactory = _ => 1,
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_loss, _delay, _reorder, _seed])
            command.Options.Add(option);
        if (!hasRate)
            return;
        command.Options.Add(_rate);
        command.Options.Add(_queue);
    }

    /// <summary>Reads what a command line says.</summary>
    public ImpairmentSettings Read(ParseResult parse)
    {
        const double percent = 100, bytesPerMegabit = 1e6 / 8;
        return new ImpairmentSettings(
            parse.GetValue(_loss) / percent,
            TimeSpan.FromMilliseconds(parse.GetValue(_delay)),
            parse.GetValue(_reorder) / percent,
            hasRate ? (long)(parse.GetValue(_rate) * bytesPerMegabit) : 0,
            hasRate ? parse.GetValue(_queue) : 0,
            parse.GetValue(_seed));
    }
}
