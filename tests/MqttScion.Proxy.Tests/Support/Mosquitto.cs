using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace MqttScion.Proxy.Tests.Support;

/// <summary>A mosquitto process of the test's own, on a free loopback port.</summary>
public sealed class Mosquitto : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _directory;

    private Mosquitto(Process process, string directory, int port) =>
        (_process, _directory, Port) = (process, directory, port);

    public static string? Executable { get; } =
        new[] { "/usr/sbin/mosquitto", "/usr/bin/mosquitto", "/usr/local/sbin/mosquitto" }.FirstOrDefault(File.Exists);

    public int Port { get; }

    public string Address => $"127.0.0.1:{Port}";

    public static async Task<Mosquitto> StartAsync(params string[] settings)
    {
        var executable = Executable
            ?? throw new InvalidOperationException("mosquitto is missing: apt install mosquitto");
        var directory = Directory.CreateTempSubdirectory("mqttscion-mosquitto-").FullName;
        // The port is free when it is asked for; in the rare case that another takes it, the next attempt gets a new
        // one.
        for (var attempt = 1; ; attempt++)
        {
            var port = FreePort();
            var configuration = Path.Combine(directory, "mosquitto.conf");
            await File.WriteAllLinesAsync(
                configuration,
                [$"listener {port} 127.0.0.1", "allow_anonymous true", $"user {Environment.UserName}", .. settings]);
            var process = Process.Start(new ProcessStartInfo(executable, ["-c", configuration])
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            })!;
            process.BeginErrorReadLine();
            process.BeginOutputReadLine();
            if (await AnswersAsync(process, port))
            {
                return new Mosquitto(process, directory, port);
            }
            process.Kill();
            process.Dispose();
            if (attempt == 3)
            {
                throw new InvalidOperationException("mosquitto did not start.");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private static async Task<bool> AnswersAsync(Process process, int port)
    {
        for (var i = 0; i < 100 && !process.HasExited; i++)
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, port);
                return true;
            }
            catch (SocketException)
            {
                await Task.Delay(50); // Another process starts; it tells nobody when it is ready.
            }
        }
        return false;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
