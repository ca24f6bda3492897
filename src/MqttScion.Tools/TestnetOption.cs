using System.CommandLine;
using System.CommandLine.Parsing;

namespace MqttScion.Tools;

/// <summary>The option <c>--testnet</c>, and how a running test network is found without it.</summary>
public sealed class TestnetOption
{
    private readonly Option<string?> _option = new("--testnet")
    {
        Description = "Use the test network of this directory, or without a value of the working directory. "
            + $"Default: that of the working directory or ./{TestnetFile.DefaultDirectory}, if one runs there and "
            + "nothing else says where paths come from.",
        HelpName = "directory",
        Arity = ArgumentArity.ZeroOrOne,
    };

    /// <summary>Where the file of a test network near the working directory is; null when there is none.</summary>
    public static string? FindFile() => TestnetFile.Find(".");

    /// <summary>Adds the option to a command.</summary>
    public void AddTo(Command command) => command.Options.Add(_option);

    /// <summary>Whether a command line has the option.</summary>
    public bool IsGiven(CommandResult command) => command.GetResult(_option) is not null;

    /// <summary>The test network to use, which a line on the standard error tells; null for none.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="finds">Whether one near the working directory counts without being named.</param>
    /// <exception cref="CommandException">The one that is named does not run.</exception>
    public TestnetFile? Find(ParseResult parse, bool finds)
    {
        var testnet = parse.GetResult(_option) is not null ? TestnetFile.Open(parse.GetValue(_option))
            : finds ? TestnetFile.FindRunning()
            : null;
        if (testnet is not null)
        {
            parse.InvocationConfiguration.Error.WriteLine(
                TerminalText.Escape($"using the test network of {testnet.Directory}"));
        }
        return testnet;
    }
}
