using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;

namespace MqttScion.Tools;

/// <summary>What is wrong with a command line, in words for whoever typed it.</summary>
public static partial class ParseFaults
{
    private const int MaxEdits = 2;

    // What the commands are called elsewhere.
    private static readonly Dictionary<string, string> Synonyms = new(StringComparer.OrdinalIgnoreCase)
    {
        ["publish"] = "pub",
        ["subscribe"] = "sub",
        ["rpc"] = "request",
        ["req"] = "request",
        ["showpaths"] = "paths",
        ["tracert"] = "traceroute",
        ["addr"] = "address",
        ["decode"] = "inspect",
        ["ls"] = "list",
    };

    /// <summary>The faults, one line each; those that follow from another one are left out.</summary>
    /// <param name="parse">A command line with faults.</param>
    /// <param name="program">The program's name.</param>
    public static IReadOnlyList<string> Of(ParseResult parse, string program)
    {
        var help = $"'{string.Join(' ', NamesOf(parse.CommandResult).Reverse().Prepend(program))} --help'";
        var unknown = UnknownOptions(parse).Select(option => TellUnknown(parse.CommandResult, option, help)).ToList();
        if (unknown.Count > 0)
            return unknown;
        if (parse.Errors.Any(error => error.Message.StartsWith("Required command was not", StringComparison.Ordinal)))
            return [TellCommand(parse, program, help)];
        var faults = parse.Errors.Select(error => (Name: NameOf(error.SymbolResult), Text: Tell(error, help))).ToList();
        // A value of a wrong kind is outside the range, too: the range says more.
        return
        [
            .. faults
                .Where(each => !each.Text.EndsWith('…')
                    || !faults.Exists(other => other.Name == each.Name && other.Text != each.Text))
                .Select(each => each.Text.TrimEnd('…'))
                .Distinct(),
        ];
    }

    private static IEnumerable<string> NamesOf(CommandResult command)
    {
        for (var at = command; at.Parent is CommandResult parent; at = parent)
            yield return at.Command.Name;
    }

    // An option that nobody knows is an argument to the parser, be there room for it or not.
    private static IEnumerable<string> UnknownOptions(ParseResult parse)
    {
        if (parse.Tokens.Any(token => token.Type == TokenType.DoubleDash))
            return [];
        var isSpare = parse.UnmatchedTokens.Count > 0;
        var taken =
            from argument in parse.CommandResult.Children.OfType<ArgumentResult>()
            from token in argument.Tokens
            where token.Value.StartsWith("--", StringComparison.Ordinal)
                && (isSpare || argument.Errors.Any()
                    || Nearest(NamesOfOptions(parse.CommandResult), token.Value) is not null)
            select token.Value;
        return taken.Concat(parse.UnmatchedTokens).Where(token => OptionForm().IsMatch(token)).Distinct();
    }

    private static string TellUnknown(CommandResult command, string option, string help)
    {
        var name = option.Split('=', ':')[0];
        return $"unknown option '{name}'; " + (Nearest(NamesOfOptions(command), name) is { } nearest
            ? $"did you mean '{nearest}'?"
            : $"{help} lists those that there are.");
    }

    private static string TellCommand(ParseResult parse, string program, string help)
    {
        var known = parse.CommandResult.Command.Subcommands.Where(each => !each.Hidden).Select(each => each.Name);
        if (parse.UnmatchedTokens.Count == 0)
            return $"expected a command: {string.Join(", ", known)}; {help} tells more.";
        var word = parse.UnmatchedTokens[0];
        if (word == "proxy" && parse.CommandResult.Parent is null)
            return $"the proxy is a program of its own, {program}-proxy; './{program} proxy' of the sources runs it.";
        var nearest = Synonyms.TryGetValue(word, out var synonym) && known.Contains(synonym)
            ? synonym
            : Nearest(known, word);
        return $"unknown command '{word}'; "
            + (nearest is null ? $"expected {string.Join(", ", known)}." : $"did you mean '{nearest}'?");
    }

    private static string Tell(ParseError error, string help)
    {
        var text = Blanks().Replace(error.Message, " ");
        var name = NameOf(error.SymbolResult);
        if (Unrecognized().Match(text) is { Success: true } extra)
            return $"unexpected argument {extra.Groups[1].Value}; {help} tells what is expected.";
        if (MissingValue().Match(text) is { Success: true } missing)
            return $"{missing.Groups[1].Value}: expected a value, found nothing.";
        if (MissingArgument().Match(text) is { Success: true } argument)
            return $"{argument.Groups[2].Value}: expected {argument.Groups[1].Value}; {help} tells what it is.";
        if (WrongType().Match(text) is { Success: true } wrong)
            return $"{wrong.Groups[2].Value}: expected a whole number, found {wrong.Groups[1].Value}.…";
        if (OneOf().Match(text) is { Success: true } choice)
            return $"{name}: expected one of: {choice.Groups[2].Value}, found {choice.Groups[1].Value}.";
        if (TooMany().Match(text) is { Success: true } many)
            return $"{many.Groups[1].Value}: expected one value, found {many.Groups[2].Value}.";
        return RequiredOption().Match(text) is { Success: true } required
            ? $"{required.Groups[1].Value} is required; {help} tells what it is."
            : text;
    }

    private static string NameOf(SymbolResult? result) => result switch
    {
        OptionResult option => option.Option.Name,
        ArgumentResult { Parent: OptionResult option } => option.Option.Name,
        ArgumentResult argument => argument.Argument.Name,
        CommandResult command => command.Command.Name,
        _ => "",
    };

    private static IEnumerable<string> NamesOfOptions(CommandResult command)
    {
        for (SymbolResult? at = command; at is CommandResult each; at = at.Parent)
        {
            foreach (var option in each.Command.Options.Where(o => at == command || o.Recursive))
                yield return option.Name;
        }
    }

    private static string? Nearest(IEnumerable<string> names, string word) => names
        .Select(name => (Name: name, Edits: Edits(name, word)))
        .Where(each => each.Edits <= Math.Min(MaxEdits, word.TrimStart('-').Length / 2))
        .OrderBy(each => each.Edits)
        .Select(each => each.Name)
        .FirstOrDefault();

    // Insertions, deletions and replacements, and two neighbours swapped, which is the commonest slip.
    private static int Edits(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    rows[i, j] = i + j;
                    continue;
                }
                var replaced = rows[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                rows[i, j] = Math.Min(replaced, Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
            }
        }
        return rows[a.Length, b.Length];
    }

    [GeneratedRegex("^--?[A-Za-z]")]
    private static partial Regex OptionForm();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();

    [GeneratedRegex("^Unrecognized command or argument (.*)\\.$")]
    private static partial Regex Unrecognized();

    [GeneratedRegex("^Required argument missing for option: '(.*)'\\.$")]
    private static partial Regex MissingValue();

    [GeneratedRegex("^Required argument '(.*)' missing for command: '(.*)'\\.$")]
    private static partial Regex MissingArgument();

    [GeneratedRegex("^Cannot parse argument (.*) for option '(.*)' as expected type '.*'\\.$")]
    private static partial Regex WrongType();

    [GeneratedRegex("^Argument (.*) not recognized\\. Must be one of: ?(.*)$")]
    private static partial Regex OneOf();

    [GeneratedRegex("^Option '(.*)' expects a single argument but (.*) were provided\\.$")]
    private static partial Regex TooMany();

    [GeneratedRegex("^Option '(.*)' is required\\.$")]
    private static partial Regex RequiredOption();
}
