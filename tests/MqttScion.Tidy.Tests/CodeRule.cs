using System.Text.RegularExpressions;

namespace MqttScion.Tidy.Tests;

/// <summary>A pattern that must not occur in the code or comments of some files.</summary>
/// <param name="Name">The name of the case in the test report.</param>
/// <param name="Rule">The line of docs/style.md.</param>
/// <param name="Pattern">What is looked for in masked code, or in comments for <see cref="InComments"/>.</param>
/// <param name="Applies">Which files it holds for.</param>
/// <param name="Advice">What to do instead.</param>
/// <param name="Caught">A line that the pattern must find: a rule that finds nothing is dead.</param>
/// <param name="Spared">A line that the pattern must not find.</param>
internal sealed record CodeRule(
    string Name, int Rule, Regex Pattern, Func<SourceFile, bool> Applies, string Advice, string Caught, string Spared)
{
    private static readonly string[] Libraries =
    [
        "src/MqttScion.Udp", "src/MqttScion.Scion", "src/MqttScion.Quic", "src/MqttScion.Mqtt", "src/MqttScion",
        "testnet",
    ];

    private static readonly string[] _startsTasks =
        ["/MqttScion.Transport/Handshakes/", "/MqttScion/Delivering/", "/MqttScion/Sessions/"];

    public bool InComments { get; init; }

    public static IReadOnlyList<CodeRule> All { get; } =
    [
        new("region", 37, new(@"^[ \t]*#region.*", RegexOptions.Multiline), f => !f.IsUnder("samples"),
            "regions only mark what a document shows of a sample", "    #region Parsing", "_region = 1;"),
        new("open end", 37, new(@"\b(TODO|FIXME|HACK)\b"), Everywhere,
            "do it, or write an issue", "// TODO: later", "// A todo list.")
        { InComments = true },
        new("console", 39, new(@"(?<![\w.])(System\.)?Console\."), f => f.IsUnder(Libraries),
            "a library logs, and prints nothing",
            "Console.WriteLine(x);", "using Microsoft.Extensions.Logging.Console;"),
        new("sleep", 28, new(@"\bThread\.Sleep\b"), Everywhere,
            "wait for the event, not for time", "Thread.Sleep(1);", "new Thread(Sleepless);"),
        new("blocking on a task", 28, new(
                @"\.GetAwaiter\(\)\s*\.GetResult\(\)|\bTask\.Wait(All|Any)\(|\.Wait\(\)|[tT]ask\.(Result\b|Wait\()"
                + @"|Async\((?>[^()]|(?<o>\()|(?<-o>\)))*(?(o)(?!))\)\s*\.(Result\b|Wait\()"),
            Everywhere, "await it",
            "var x = client.ReadAsync(Of(1)).Result;", "var r = connection.Result; socket.Wait(t);"),
        new("async void", 27, new(@"\basync\s+void\b"), Everywhere,
            "return a Task", "private async void Go()", "private async ValueTask Go()"),
        new("task on the pool", 27, new(@"\bTask\.(Run|Factory)\b"),
            f => f.IsUnder("src") && !_startsTasks.Any(folder => f.Path.Contains(folder, StringComparison.Ordinal)),
            "only Handshakes, Sessions and Delivering start tasks", "_ = Task.Run(Go);", "Task.Running"),
        new("engine with I/O, clock, lock, task, log or own randomness", 2, new(
                @"\bDateTime(Offset)?\.(Utc)?Now\b|\b(Stopwatch|TimeProvider|PeriodicTimer|SemaphoreSlim)\b"
                + @"|\b(Socket|ILogger)\b|\bTask\.(Delay|Run|Factory)\b|\bnew (Thread|Timer|Random)\("
                + @"|\bRandom\.Shared\b|\bEnvironment\.TickCount|\block\s*\(|\bMonitor\."),
            IsEngine, "an engine is handed its time, randomness and bytes",
            "lock (_gate)", "var Block(now) => _socketId;"),
        new("log call without a generated method", 38, new(
                @"\.Log(Trace|Debug|Information|Warning|Error|Critical)\(|\bLoggerMessage\.Define"),
            f => f.IsUnder("src", "testnet"), "declare a [LoggerMessage] in the project's *Log.cs",
            "log.LogWarning(text);", "ClientLog.LogFailed(log, e); _log.Log(x);"),
        new("log event with what may be secret", 20, new(
                @"\bpartial void \w+\((?=\s*ILogger\b)[^)]*?(\bbyte\[\]|\bReadOnly(Memory|Span)<byte>"
                + @"|\bMqttApplicationMessage\b|\b\w+Options\b|\b(password|token|secret|payload|key|data)\b)"),
            f => f.IsUnder("src", "testnet"), "no payload, credential or key goes into a log",
            "partial void Refused(ILogger log, string user, string password);",
            "partial void KeysLogged(ILogger log, string file);"),
        new("warning of the trimmer silenced", 47, new(
                @"\bUnconditionalSuppressMessage\b|#pragma warning disable (IL|CS1591)"),
            f => f.IsUnder("src"), "libraries are safe to trim and documented; change the code",
            "[UnconditionalSuppressMessage(1)]", "#pragma warning disable CA1000"),
        new("native call", 48, new(@"\[\s*(DllImport|LibraryImport)\b"),
            f => !f.Name.Split('.')[0].EndsWith("Native", StringComparison.Ordinal),
            "belongs in the *Native.cs of its folder", "[LibraryImport(Name)]", "SetDllImportResolver(x)"),
    ];

    public IEnumerable<Finding> Check(SourceFile file) =>
        file.Matches(Pattern, InComments ? file.Comments : file.Code, Rule, Advice);

    public override string ToString() => Name;

    private static bool Everywhere(SourceFile file) => true;

    private static bool IsEngine(SourceFile file) =>
        file.IsUnder("src/MqttScion.Quic", "src/MqttScion.Mqtt", "src/MqttScion.Scion/Packets");
}
