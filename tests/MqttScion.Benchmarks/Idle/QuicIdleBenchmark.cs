using System.CommandLine;
using System.Reflection;
using MqttScion.Quic;
using MqttScion.Scion;

namespace MqttScion.Benchmarks;

/// <summary>The memory of a connection that is confirmed and idle: engine only, and on a loop with an application.
/// </summary>
/// <remarks>
/// What is freed with the connections counts as theirs, not what is in use since: the runtime's own memory comes and
/// goes. On loops, clients are a process of their own. The kernel's buffers don't count.
/// </remarks>
internal static class QuicIdleBenchmark
{
    private const int Rows = 20;
    private const BindingFlags Private = BindingFlags.NonPublic | BindingFlags.Instance;

    private const string ClientMode = "quic-idle-client";

    public static IEnumerable<Command> Commands()
    {
        var connections = new Option<int>("--connections")
        {
            Description = "Connections.",
            DefaultValueFactory = _ => 2000,
        };
        var details = new Option<bool>("--details") { Description = "Who holds the managed memory." };
        var command = new Command("quic-idle", "The memory of an idle connection, managed and native.")
        {
            connections,
            details,
        };
        command.SetAction((parse, _) => RunAsync(parse.GetValue(connections), parse.GetValue(details)));
        yield return command;

        var server = new Option<string>("--server") { Required = true };
        var directory = new Option<string>("--directory") { Required = true };
        var opensStream = new Option<bool>("--stream");
        var client = new Command(ClientMode, "The clients of quic-idle.")
        {
            server,
            directory,
            connections,
            opensStream,
        };
        client.SetAction((parse, _) => RunClientsAsync(
            parse.GetValue(server)!,
            parse.GetValue(directory)!,
            parse.GetValue(connections),
            parse.GetValue(opensStream)));
        yield return client;
    }

    private static async Task RunAsync(int connections, bool details)
    {
        var directory = StormLoops.CreateCertificates();
        using var serverTls = StormLoops.ServerTls(directory);
        using var clientTls = StormLoops.ClientTls(directory);
        Console.WriteLine($"{connections} connections, confirmed by mutual TLS; bytes a connection");
        Console.WriteLine($"{"",-34}    managed     native        sum");
        PrintProtectors(connections);
        await WarmUpAsync(serverTls, clientTls);
        Engines(serverTls, clientTls, connections, details);
        await LoopsAsync(serverTls, directory, connections, opensStream: false, details: false);
        await LoopsAsync(serverTls, directory, connections, opensStream: true, details);
        Directory.Delete(directory, recursive: true);
    }

    private static void PrintProtectors(int count)
    {
        var factory = QuicCrypto.Default.CreateProtectors();
        var before = MemoryFigure.Take();
        var made = new IPacketProtector[count];
        for (var i = 0; i < count; i++)
            made[i] = factory.Create(QuicCipherSuite.Aes128GcmSha256, new byte[32]);
        Print("one direction's packet protection", MemoryFigure.Take() - before, count);
        Array.ForEach(made, protector => protector.Dispose());
    }

    // Compiles, until the runtime does so no more, and fills the pools.
    private static async Task WarmUpAsync(IQuicTlsFactory serverTls, IQuicTlsFactory clientTls)
    {
        for (var i = 0; i < 5; i++)
        {
            new IdlePairs(serverTls, clientTls, 300).Dispose();
            await Task.Delay(200);
        }
    }

    private static void Engines(IQuicTlsFactory serverTls, IQuicTlsFactory clientTls, int count, bool details)
    {
        var pairs = new IdlePairs(serverTls, clientTls, count);
        var both = MemoryFigure.Take();
        if (details)
        {
            PrintHolders("server engine", pairs.Servers.First());
            PrintHolders("client engine", pairs.Clients.First());
        }
        pairs.DropClients();
        var servers = MemoryFigure.Take();
        pairs.Dispose();
        var none = MemoryFigure.Take();
        Print("server, engine", servers - none, count);
        Print("client, engine", both - servers, count);
    }

    // The clients are a process of their own, which tells what they take.
    private static async Task LoopsAsync(
        IQuicTlsFactory serverTls, string directory, int count, bool opensStream, bool details)
    {
        var accepted = new List<ConnectionApplication>(count);
        using var workers = new HandshakeWorkers(1, capacity: 1000);
        var server = StormLoops.Start(
            serverTls,
            remote =>
            {
                accepted.Add(new ConnectionApplication(new ConnectionApplicationOptions(remote)));
                return accepted[^1];
            },
            IdleOptions(),
            workers);
        string[] arguments =
        [
            "--server", server.LocalEndPoint.ToString(), "--directory", directory, "--connections", $"{count}",
            .. opensStream ? new[] { "--stream" } : [],
        ];
        using var clients = ChildProcess.Start(ClientMode, arguments);
        if (await clients.StandardOutput.ReadLineAsync() != "connected")
            throw new InvalidOperationException("The clients did not connect.");
        if (opensStream)
        {
            foreach (var application in accepted)
                await EchoOnceAsync(application);
        }
        await Task.Delay(TimeSpan.FromSeconds(1));
        var what = opensStream ? "loop and stream" : "loop";
        if (details)
            PrintHolders("server's connection on its loop", ConnectionOf(accepted[0]));
        await clients.StandardInput.WriteLineAsync();
        var clientLine = await clients.StandardOutput.ReadLineAsync();
        var full = MemoryFigure.Take();
        var acceptedCount = accepted.Count;
        await server.DisposeAsync();
        accepted.Clear();
        server = null;
        await Task.Yield(); // What ended the loop is still on the stack that has come here.
        Print($"server, {what}", full - MemoryFigure.Take(), acceptedCount);
        Console.WriteLine($"{$"client, {what}",-34} {clientLine}");
    }

    private static async Task RunClientsAsync(string server, string directory, int count, bool opensStream)
    {
        using var tls = StormLoops.ClientTls(directory);
        var loop = StormLoops.Start(tls, accept: null, IdleOptions());
        var applications = new List<IdleApplication>(count);
        await ConnectAsync(loop, ScionEndPoint.Parse(server), applications, opensStream, count);
        Console.WriteLine("connected");
        await Console.In.ReadLineAsync();
        var full = MemoryFigure.Take();
        await loop.DisposeAsync();
        applications.Clear();
        loop = null;
        await Task.Yield();
        Console.WriteLine((full - MemoryFigure.Take()).PerConnection(count));
    }

    private static async Task ConnectAsync(
        EndpointLoop loop, ScionEndPoint server, List<IdleApplication> applications, bool opensStream, int count)
    {
        for (var i = 0; i < count; i++)
        {
            applications.Add(new IdleApplication(opensStream));
            StormLoops.Connect(loop, server, applications[^1]);
            await applications[^1].Ready;
        }
    }

    private static QuicOptions IdleOptions() => new()
    {
        KeepAliveInterval = TimeSpan.Zero,
        IdleTimeout = TimeSpan.FromMinutes(9),
        RetryAboveHandshakes = int.MaxValue,
    };

    // What came is read and answered, as a broker does, so that buffers have been in use.
    private static async Task EchoOnceAsync(ConnectionApplication application)
    {
        var pipe = await application.AcceptStreamAsync(default);
        var read = await pipe.Input.ReadAsync();
        var bytes = read.Buffer.FirstSpan.ToArray();
        pipe.Input.AdvanceTo(read.Buffer.End);
        await pipe.Output.WriteAsync(bytes);
    }

    private static object ConnectionOf(ConnectionApplication application) =>
        typeof(ConnectionApplication).GetField("_connection", Private)!.GetValue(application)!;

    private static void PrintHolders(string name, object root)
    {
        var walk = new HeapWalk(item => item is QuicEndpoint or QuicOptions or EndpointLoop or Delegate
            or System.Buffers.MemoryPool<byte> or System.IO.Pipelines.PipeScheduler
            or IPacketProtectorFactory or IQuicRandom or Task);
        walk.Walk(root);
        Console.WriteLine($"-- {name}: {walk.TotalBytes} B managed");
        foreach (var (holder, bytes, count) in walk.Holders.Take(Rows))
            Console.WriteLine($"   {bytes,7} B {count,5} objects  {holder}");
        foreach (var (type, bytes, count) in walk.Types.Take(Rows))
            Console.WriteLine($"   {bytes,7} B {count,5} of       {type}");
    }

    private static void Print(string name, MemoryFigure figure, int count) =>
        Console.WriteLine($"{name,-34} {figure.PerConnection(count)}");
}
