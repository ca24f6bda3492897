using System.CommandLine;
using System.Diagnostics;
using MqttScion.Quic;
using MqttScion.Testnet;

namespace MqttScion.Benchmarks;

/// <summary>
/// Handshakes for each second of processor time: TLS alone beside whole QUIC connections in memory, full and resumed.
/// </summary>
/// <remarks>
/// Both sides of a handshake, with mutual TLS on P-256 and all checks of certificates, are on one thread. Processor
/// time counts, as the machine may be busy with something else; the rows take turns.
/// </remarks>
internal static class QuicHandshakeBenchmark
{
    private const string ServerName = "localhost";

    public static Command Command()
    {
        var rounds = new Option<int>("--rounds") { Description = "Turns.", DefaultValueFactory = _ => 8 };
        var count = new Option<int>("--count") { Description = "Handshakes a turn.", DefaultValueFactory = _ => 200 };
        var command = new Command("quic-handshake", "Handshakes a second of TLS alone and of QUIC, full and resumed.")
        {
            rounds,
            count,
        };
        command.SetAction(parse => Run(parse.GetValue(rounds), parse.GetValue(count)));
        return command;
    }

    private static void Run(int rounds, int count)
    {
        var directory = Directory.CreateTempSubdirectory("mqttscion-handshake-");
        try
        {
            var certificates = TestCertificates.Create(directory.FullName);
            using var issuer = QuicCrypto.Default.CreateTicketIssuer();
            using var client = Factory(certificates.CaFile, certificates.ClientFile, certificates.ClientKeyFile, null);
            using var server = Factory(certificates.CaFile, certificates.ServerFile, certificates.ServerKeyFile, null);
            using var resuming = Factory(
                certificates.CaFile, certificates.ServerFile, certificates.ServerKeyFile, issuer);
            using var full = new HandshakePair(client, server, cache: null);
            using var resumed = new HandshakePair(client, resuming, new QuicSessionCache());
            var session = TlsAlone(client, resuming, []);
            (string Name, Action Handshake)[] rows =
            [
                ("TLS alone, full", () => TlsAlone(client, server, [])),
                ("QUIC, full", () => full.Handshake(isResumed: false)),
                ("TLS alone, resumed", () => session = TlsAlone(client, resuming, session)),
                ("QUIC, resumed", () => resumed.Handshake(isResumed: true)),
            ];
            resumed.Handshake(isResumed: false);
            Print(rows.Select(row => row.Name).ToArray(), Measure(rows, rounds, count));
            PrintMemory(client, server, count);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static (double PerSecond, double Bytes)[] Measure(
        (string Name, Action Handshake)[] rows, int rounds, int count)
    {
        var best = new (double PerSecond, double Bytes)[rows.Length];
        // The first round only warms up.
        for (var round = 0; round <= rounds; round++)
        {
            for (var row = 0; row < rows.Length; row++)
            {
                var allocated = GC.GetAllocatedBytesForCurrentThread();
                var startedAt = Process.GetCurrentProcess().TotalProcessorTime;
                for (var index = 0; index < count; index++)
                    rows[row].Handshake();
                var spent = (Process.GetCurrentProcess().TotalProcessorTime - startedAt).TotalSeconds;
                var bytes = (GC.GetAllocatedBytesForCurrentThread() - allocated) / (double)count;
                if (round > 0 && count / spent > best[row].PerSecond)
                    best[row] = (count / spent, bytes);
            }
        }

        return best;
    }

    private static void Print(string[] names, (double PerSecond, double Bytes)[] figures)
    {
        Console.WriteLine("handshake            per s of one core   us each   allocated B   of TLS alone");
        for (var row = 0; row < names.Length; row++)
        {
            var (rate, bytes) = figures[row];
            var share = rate / figures[row - row % 2].PerSecond;
            Console.WriteLine($"{names[row],-20} {rate,18:F0} {1e6 / rate,9:F0} {bytes,13:F0} {share,14:P0}");
        }
    }

    private static void PrintMemory(IQuicTlsFactory client, IQuicTlsFactory server, int count)
    {
        using var pair = new HandshakePair(client, server, cache: null);
        var before = NativeBytes();
        for (var index = 0; index < count; index++)
            pair.Handshake(isResumed: false, isKept: true);
        var fresh = NativeBytes();
        pair.Wait(TimeSpan.FromSeconds(11));
        var rested = NativeBytes();
        Console.WriteLine(
            $"native memory of {count} connections, both sides: {(fresh - before) / count} B each when fresh, " +
            $"{(rested - before) / count} B once the clients wait for no ticket");
    }

    private static IQuicTlsFactory Factory(string ca, string certificate, string key, QuicTicketIssuer? issuer) =>
        QuicCrypto.Default.CreateTls(new QuicTlsOptions
        {
            TrustedCertificatesPem = File.ReadAllText(ca),
            CertificateChainPem = File.ReadAllText(certificate),
            PrivateKeyPem = File.ReadAllText(key),
            TicketIssuer = issuer,
        });

    // Gives the session to resume next, if there is a ticket.
    private static byte[] TlsAlone(IQuicTlsFactory clients, IQuicTlsFactory servers, byte[] session)
    {
        using var client = clients.CreateClient(ServerName, session);
        using var server = servers.CreateServer();
        server.TryStart(new byte[80]);
        client.TryStart(new byte[80]);
        while (Deliver(client, server) | Deliver(server, client))
        {
        }

        if (!client.IsComplete || !server.IsComplete || client.IsResumed != session.Length > 0)
            throw new InvalidOperationException($"TLS failed: {client.Failure ?? server.Failure}");
        return client.TryTakeTicket(out var ticket) ? ticket.Session : [];
    }

    private static bool Deliver(IQuicTls from, IQuicTls to)
    {
        var moved = false;
        while (from.TryTakeSecrets(out _))
        {
        }

        while (from.TryWriteHandshake(out var level, out var data))
            moved |= to.TryReadHandshake(level, data);
        return moved;
    }

    private static long NativeBytes()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return (long)MallocNative.GetState().InUse;
    }
}
