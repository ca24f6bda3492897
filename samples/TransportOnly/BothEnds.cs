using System.Diagnostics;
using System.Security.Cryptography;
using MqttScion.Scion;
using MqttScion.Testnet;

namespace MqttScion.Samples.TransportOnly;

/// <summary>An emulated SCION network in this process, and the two ends of a transfer in one each.</summary>
internal static class BothEnds
{
    private const int FileBytes = 1_000_000;

    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(30);
    private static readonly IsdAs ReceiverAs = IsdAs.Parse("2-ff00:0:211");
    private static readonly IsdAs SenderAs = IsdAs.Parse("1-ff00:0:111");

    /// <summary>Sends a file of random bytes from the one to the other; true when it has arrived.</summary>
    public static async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeLimit);
        var directory = Directory.CreateTempSubdirectory("mqttscion-sample-");
        try
        {
            return await RunAsync(directory.FullName, limit.Token);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static async Task<bool> RunAsync(string directory, CancellationToken cancellationToken)
    {
        Console.WriteLine("starting an emulated SCION network ...");
        await using var network = await EmulatedNetwork.StartAsync(cancellationToken: cancellationToken);
        var files = TestCertificates.Create(directory);
        var (sent, copy) = (Path.Combine(directory, "sent"), Path.Combine(directory, "copy"));
        await File.WriteAllBytesAsync(sent, RandomNumberGenerator.GetBytes(FileBytes), cancellationToken);

        using var receiver = Start(
            "receive", copy, "--listen", $"[{ReceiverAs},127.0.0.1]:0",
            "--ca-cert", files.CaFile, "--cert", files.ServerFile, "--key", files.ServerKeyFile);
        using var atEnd = cancellationToken.Register(receiver.Kill);
        var listening = await receiver.StandardOutput.ReadLineAsync(cancellationToken);
        Console.WriteLine($"receiver: {listening}");
        using var sender = Start(
            "send", sent, "--server", listening?.Split(' ')[^1] ?? "",
            "--endhost-api", network.EndhostApiUrl(SenderAs).ToString(),
            "--ca-cert", files.CaFile, "--cert", files.ClientFile, "--key", files.ClientKeyFile);
        using var alsoAtEnd = cancellationToken.Register(sender.Kill);
        var receiving = ShowAsync("receiver", receiver);
        await ShowAsync("sender", sender);
        if (sender.ExitCode != 0)
        {
            receiver.Kill(); // Else it would wait for a sender for ever.
        }
        await receiving;

        var arrived = File.Exists(copy) && File.ReadAllBytes(sent).AsSpan().SequenceEqual(File.ReadAllBytes(copy));
        Console.WriteLine($"sent {(arrived ? FileBytes : 0)} of {FileBytes}");
        return arrived && receiver.ExitCode == 0 && sender.ExitCode == 0;
    }

    // This program once more, as somebody would start it in another terminal.
    private static Process Start(params string[] args)
    {
        var host = Environment.ProcessPath!;
        var isDotnet = Path.GetFileNameWithoutExtension(host) == "dotnet";
        string[] program = isDotnet ? [Environment.GetCommandLineArgs()[0]] : [];
        return Process.Start(new ProcessStartInfo(host, [.. program, .. args]) { RedirectStandardOutput = true })!;
    }

    private static async Task ShowAsync(string name, Process process)
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            Console.WriteLine($"{name}: {line}");
        }
        await process.WaitForExitAsync();
    }
}
