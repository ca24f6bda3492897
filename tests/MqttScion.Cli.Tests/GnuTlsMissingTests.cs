using System.Diagnostics;
using MqttScion.Testnet;

namespace MqttScion.Cli.Tests;

public sealed class GnuTlsMissingTests
{
    [Fact]
    public async Task Pub_without_GnuTLS_ends_with_one_line_that_names_what_to_install()
    {
        var directory = Directory.CreateTempSubdirectory("mqttscion-gnutls-");
        try
        {
            var certificates = TestCertificates.Create(directory.FullName);
            var start = new ProcessStartInfo(
                "dotnet",
                [
                    typeof(MqttScionCommand).Assembly.Location,
                    "pub", "[1-ff00:0:110,127.0.0.1]:4433", "topic", "payload",
                    "--endhost-api", "http://127.0.0.1:1",
                    "--ca-cert", certificates.CaFile,
                    "--cert", certificates.ClientFile,
                    "--key", certificates.ClientKeyFile,
                ])
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            };
            // The variable points at another library: here at none.
            start.Environment["MQTTSCION_GNUTLS"] = Path.Combine(directory.FullName, "no-such-library.so");

            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync();
            var error = await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();

            process.ExitCode.Should().Be(1);
            (await output).Should().BeEmpty();
            error.Trim().Split('\n').Should().ContainSingle()
                .Which.Should().Contain("GnuTLS").And.Contain("install");
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }
}
