using System.CommandLine;
using MqttScion.Cli;

var configuration = new InvocationConfiguration { ProcessTerminationTimeout = MqttScionCommand.ShutdownTimeout };
return await MqttScionCommand.RunAsync(args, configuration, Console.OpenStandardInput).ConfigureAwait(false);
