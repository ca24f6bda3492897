using System.CommandLine;
using MqttScion.Cli;

using var signals = new TerminationSignals(ConsoleProgram.ShutdownTimeout);
var configuration = new InvocationConfiguration { ProcessTerminationTimeout = null };
var code = await MqttScionCommand.RunAsync(args, configuration, Console.OpenStandardInput, signals.Token)
    .ConfigureAwait(false);
return signals.CodeOf(code);
