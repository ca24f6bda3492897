using System.CommandLine;
using System.Net.Sockets;
using MqttScion.Quic;
using MqttScion.Scion;

namespace MqttScion.Samples.TransportOnly;

/// <summary>
/// The command line: <c>receive</c> and <c>send</c>, each a process; without either, both of them on an emulated
/// network.
/// </summary>
internal sealed class TransferCommand : RootCommand
{
    /// <summary>Makes it of the two programs; each tells whether it did what it should.</summary>
    public TransferCommand(
        Func<Transfer, CancellationToken, Task<bool>> receive, Func<Transfer, CancellationToken, Task<bool>> send)
        : base("Sends a file from one process to another over QUIC over SCION, without MQTT.")
    {
        var listen = Text("--listen", "address", "Where to listen, such as [2-ff00:0:211,127.0.0.1]:4433.");
        var server = Text("--server", "address", "The address that the receiver printed.");
        var endhostApi = Text("--endhost-api", "url", "Who knows the SCION paths to it.");
        Add(End("receive", "Takes one file and writes it.", listen, endhostApi: null, "proxy", receive));
        Add(End("send", "Sends one file.", server, endhostApi, "client", send));
        SetAction((_, cancellation) => GuardAsync(() => BothEnds.RunAsync(cancellation)));
    }

    /// <summary>Runs what the arguments ask for.</summary>
    public Task<int> RunAsync(string[] args) => Parse(args).InvokeAsync();

    private static Command End(
        string name,
        string description,
        Option<string> address,
        Option<string>? endhostApi,
        string role,
        Func<Transfer, CancellationToken, Task<bool>> run)
    {
        var file = new Argument<FileInfo>("file") { Description = "The file." };
        // The defaults are the names that `mqtt-scion testnet up` gives.
        var caCert = Text("--ca-cert", "file", "CA of the other side (PEM).", "ca-cert.pem");
        var cert = Text("--cert", "file", "Certificate of this side (PEM).", $"{role}-cert.pem");
        var key = Text("--key", "file", "Private key of that certificate (PEM).", $"{role}-key.pem");
        var command = new Command(name, description) { file, address, caCert, cert, key };
        if (endhostApi is not null)
        {
            command.Add(endhostApi);
        }
        command.SetAction((parse, cancellation) => GuardAsync(() => run(
            new Transfer(
                parse.GetValue(file)!,
                parse.GetValue(address)!,
                endhostApi is null ? null : new Uri(parse.GetValue(endhostApi)!),
                parse.GetValue(caCert)!,
                parse.GetValue(cert)!,
                parse.GetValue(key)!),
            cancellation)));
        return command;
    }

    private static Option<string> Text(string name, string value, string description, string? ifAbsent = null)
    {
        var option = new Option<string>(name) { HelpName = value, Description = description };
        if (ifAbsent is null)
        {
            option.Required = true;
        }
        else
        {
            option.DefaultValueFactory = _ => ifAbsent;
        }
        return option;
    }

    private static async Task<int> GuardAsync(Func<Task<bool>> run)
    {
        try
        {
            return await run() ? 0 : 1;
        }
        catch (Exception e) when (e is TransportException or PathLookupException or QuicTlsException
            or ArgumentException or FormatException or IOException or SocketException or UnauthorizedAccessException
            or OperationCanceledException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
    }
}
