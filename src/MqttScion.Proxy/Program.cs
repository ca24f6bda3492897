using System.CommandLine;
using MqttScion.Proxy;

using var signals = new TerminationSignals(ConsoleProgram.ShutdownTimeout);
var configuration = new InvocationConfiguration { ProcessTerminationTimeout = null };
return await ProxyCommand.RunAsync(args, configuration, signals.Token).ConfigureAwait(false);
