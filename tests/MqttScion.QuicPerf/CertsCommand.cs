using System.CommandLine;
using MqttScion.Testnet;

namespace MqttScion.QuicPerf;

/// <summary><c>quicperf certs</c>: makes a CA with a server and a client certificate.</summary>
internal static class CertsCommand
{
    private static readonly TestCertificateNames Files = new();

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var folder = new Argument<string>("DIR") { Description = "Folder; made when absent." };
        var command = new Command(
            "certs", $"Write {Files.Ca}, {Files.Server}, {Files.ServerKey}, {Files.Client} and {Files.ClientKey}.")
        {
            folder,
        };
        command.SetAction(parse =>
        {
            TestCertificates.Create(
                parse.GetValue(folder)!, serverNames: ["localhost", "127.0.0.1", "::1"], files: Files);
            return 0;
        });
        return command;
    }
}
