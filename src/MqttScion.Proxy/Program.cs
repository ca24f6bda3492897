using System.CommandLine;
using MqttScion.Proxy;

var configuration = new InvocationConfiguration { ProcessTerminationTimeout = ProxyCommand.ShutdownTimeout };
return await ProxyCommand.RunAsync(args, configuration).ConfigureAwait(false);
