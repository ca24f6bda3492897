using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace MqttScion.Proxy.Tests.Support;

/// <summary>A mosquitto process of the test's own, on a free loopback port.</summary>
public sealed class Mosquitto : IAsyncDisposable
{
    private const int SignalTerminate = 15;
    private const int SignalStop = 19;
    private const int SignalContinue = 18;

    private readonly string _directory;
    private Process _process;

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
            await File.WriteAllLinesAsync(
                ConfigurationIn(directory),
                [$"listener {port} 127.0.0.1", "allow_anonymous true", $"user {Environment.UserName}", .. settings]);
            var process = StartProcess(executable, directory);
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

    /// <summary>The settings with which it saves its sessions when it ends in order, and has them again at the next
    /// start.</summary>
    public static string[] Persistence(string directory) =>
        ["persistence true", $"persistence_location {directory}/", "autosave_interval 0"];

    /// <summary>
    /// Ends it with SIGTERM and starts it anew on the same port. A broker that is killed may lose what it acknowledged
    /// (it saves at its end and every <c>autosave_interval</c>), and that would be nobody's fault.
    /// </summary>
    public async Task RestartAsync(TimeSpan pause)
    {
        await SignalAsync(SignalTerminate);
        await _process.WaitForExitAsync();
        _process.Dispose();
        await Task.Delay(pause);
        _process = StartProcess(Executable!, _directory);
        if (!await AnswersAsync(_process, Port))
        {
            throw new InvalidOperationException("mosquitto did not start again.");
        }
    }

    /// <summary>Freezes the process: its connections stay, and nothing is answered.</summary>
    public Task FreezeAsync() => SignalAsync(SignalStop);

    /// <summary>Lets a frozen process go on.</summary>
    public Task ThawAsync() => SignalAsync(SignalContinue);

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

    private static string ConfigurationIn(string directory) => Path.Combine(directory, "mosquitto.conf");

    private static Process StartProcess(string executable, string directory)
    {
        var process = Process.Start(new ProcessStartInfo(executable, ["-c", ConfigurationIn(directory)])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        return process;
    }

    private async Task SignalAsync(int signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{_process.Id}"]);
        await kill.WaitForExitAsync();
    }

    private static async Task<bool> AnswersAsync(Process process, int port)
    {
        for (var i = 0; i < 600 && !process.HasExited; i++)
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
