using System.CommandLine;

namespace MqttScion.Cli.Tests;

public sealed class DiagnosisOptionsTests
{
    [Theory]
    [InlineData("", null, null)]
    [InlineData("--qlog traces", "traces", null)]
    [InlineData("--keylog keys", null, "keys")]
    [InlineData("--qlog traces --keylog keys", "traces", "keys")]
    public void Options_without_an_environment_say_what_is_written(string args, string? qlog, string? keyLog) =>
        Check(args, [], qlog, keyLog);

    [Theory]
    [InlineData("", "env-traces", null)]
    [InlineData("--qlog traces", "traces", null)]
    [InlineData("--keylog", "env-traces", "env-keys")]
    [InlineData("--keylog keys", "env-traces", "keys")]
    public void Environment_gives_a_directory_for_traces_but_secrets_only_when_asked(
        string args, string? qlog, string? keyLog) =>
        Check(args, new() { ["QLOGDIR"] = "env-traces", ["SSLKEYLOGFILE"] = "env-keys" }, qlog, keyLog);

    [Fact]
    public void Keylog_without_a_file_anywhere_is_a_fault() =>
        Parse("--keylog", []).Parse.Errors.Should().ContainSingle().Which.Message.Should().Contain("SSLKEYLOGFILE");

    private static void Check(string args, Dictionary<string, string> environment, string? qlog, string? keyLog)
    {
        var (options, parse) = Parse(args, environment);
        parse.Errors.Should().BeEmpty();
        options.QlogDirectory(parse).Should().Be(qlog);
        options.KeyLogFile(parse).Should().Be(keyLog);
    }

    private static (DiagnosisOptions Options, ParseResult Parse) Parse(
        string args, Dictionary<string, string> environment)
    {
        var options = new DiagnosisOptions(name => environment.GetValueOrDefault(name));
        var command = new RootCommand();
        options.AddTo(command);
        return (options, command.Parse(args));
    }
}
