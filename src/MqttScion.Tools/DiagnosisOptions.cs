using System.CommandLine;

namespace MqttScion.Tools;

/// <summary>
/// The options for those who look into connections. Only here, not in the library, does the environment have a say.
/// </summary>
public sealed class DiagnosisOptions
{
    private const string QlogVariable = "QLOGDIR";
    private const string KeyLogVariable = "SSLKEYLOGFILE";

    private readonly Option<string?> _qlog = new("--qlog")
    {
        Description = "Directory for a qlog trace of each connection. "
            + $"Default: the environment's {QlogVariable}, if set.",
        HelpName = "directory",
    };

    private readonly Option<string?> _keyLog = new("--keylog")
    {
        Description = "Append the traffic secrets to this file: with it, captured traffic can be read. "
            + $"Without a value: the environment's {KeyLogVariable}.",
        HelpName = "file",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Func<string, string?> _environment;

    /// <summary>Makes the options, with the checks that need nothing but their text.</summary>
    /// <param name="environment">Gives a variable of the environment; null for that of the process.</param>
    public DiagnosisOptions(Func<string, string?>? environment = null)
    {
        _environment = environment ?? Environment.GetEnvironmentVariable;
        _keyLog.Validators.Add(result =>
        {
            if (result.Tokens.Count == 0 && FromEnvironment(KeyLogVariable) is null)
                result.AddError($"--keylog: expected a file, here or in the environment's {KeyLogVariable}.");
        });
    }

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_qlog);
        command.Options.Add(_keyLog);
    }

    /// <summary>Where traces go, or null for nowhere.</summary>
    public string? QlogDirectory(ParseResult parse) => parse.GetValue(_qlog) ?? FromEnvironment(QlogVariable);

    /// <summary>
    /// Where secrets go, or null for nowhere: the environment alone, which others may have set, discloses nothing.
    /// </summary>
    public string? KeyLogFile(ParseResult parse) =>
        parse.GetResult(_keyLog) is null ? null : parse.GetValue(_keyLog) ?? FromEnvironment(KeyLogVariable);

    private string? FromEnvironment(string variable) => _environment(variable) is { Length: > 0 } value ? value : null;
}
