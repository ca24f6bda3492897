using System.CommandLine;
using System.Runtime.ExceptionServices;
using MqttScion.Quic;
using MqttScion.Scion;

namespace MqttScion.Cli;

/// <summary>The client of a command from its connect to its end, with what is told of it on the standard error.
/// </summary>
internal sealed class ClientRun : IAsyncDisposable
{
    private static readonly TimeSpan SilenceBeforeNotice = TimeSpan.FromMilliseconds(950);

    private readonly QuietLoggers _loggers;
    private readonly ScionMqttClientOptions _options;
    private readonly MqttEndPoint _server;
    private readonly IDisposable _paths;
    private PathEvent? _path;

    /// <summary>Makes the client; nothing is sent yet.</summary>
    /// <param name="connection">The options of the command line.</param>
    /// <param name="parse">Their values.</param>
    /// <param name="faults">After how many equal faults of the broker the command ends.</param>
    /// <param name="tellsConnects">Whether connections are told without -v, too.</param>
    /// <param name="receiveMaximum">How many QoS 1 and 2 messages may be on their way at once; null for the client's
    /// default.</param>
    public ClientRun(
        ConnectionOptions connection,
        ParseResult parse,
        RepeatedFaults faults,
        bool tellsConnects = false,
        ushort? receiveMaximum = null)
    {
        _options = connection.Read(parse);
        _options.ReceiveMaximum = receiveMaximum ?? _options.ReceiveMaximum;
        _server = MqttEndPoint.Parse(_options.Servers[0]);
        _loggers = new QuietLoggers(connection.CreateLoggers(parse));
        Client = new ScionMqttClient(_options, _loggers);
        Report = connection.CreateReport(parse, Client, faults, tellsConnects);
        _paths = Client.Paths.Subscribe(OnPath, Report.Fail);
    }

    /// <summary>The client.</summary>
    public ScionMqttClient Client { get; }

    /// <summary>What is told.</summary>
    public ClientReport Report { get; }

    /// <summary>True when the broker has accepted the connection once.</summary>
    public bool IsConnected { get; private set; }

    /// <summary>Connects; tells when nobody answers for a while.</summary>
    /// <exception cref="CommandException">Nobody answered.</exception>
    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        var connecting = Client.ConnectAsync(cancellationToken);
        using (var notice = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
        {
            var silence = Task.Delay(SilenceBeforeNotice, notice.Token);
            if (await Task.WhenAny(connecting, silence).ConfigureAwait(false) == silence
                && !cancellationToken.IsCancellationRequested && !Client.IsConnected)
            {
                Report.Tell($"connecting to {_server}{Route()}; no answer yet: {Question}");
            }
            await notice.CancelAsync().ConfigureAwait(false);
        }
        try
        {
            await connecting.ConfigureAwait(false);
            IsConnected = true;
        }
        catch (QuicConnectionException e) when (e.Close.Kind == QuicCloseKind.HandshakeTimeout)
        {
            throw new CommandException($"{e.Message.TrimEnd('.')}. No answer from {_server}{Route()}: {Question}", e);
        }
    }

    /// <summary>Runs the command's work on the client, until it is done, fails, or the client has ended.</summary>
    /// <param name="limit">How long it may take; null for no limit.</param>
    /// <param name="work">The work; it begins with <see cref="ConnectAsync"/>.</param>
    /// <param name="late">What the end of the time means once connected.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="CommandException">The time was over.</exception>
    public async Task RunAsync(
        TimeSpan? limit, Func<CancellationToken, Task> work, Func<string> late, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (limit is { } time)
            either.CancelAfter(time);
        try
        {
            var working = work(either.Token);
            var ended = await Task.WhenAny(working, Report.Failed).WaitAsync(either.Token).ConfigureAwait(false);
            // Why the first connect failed, the connect tells best.
            await (IsConnected ? ended : working.WaitAsync(either.Token)).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            var span = DurationText.Of(limit ?? TimeSpan.Zero);
            throw new CommandException(
                IsConnected
                    ? $"{late()} within {span} (--timeout)."
                    : $"Not connected to {_server}{Route()} within {span} (--timeout): {Question}",
                e);
        }
        catch (MqttNotConnectedException) when (Report.Failed.Exception?.InnerException is CommandException cause)
        {
            ExceptionDispatchInfo.Throw(cause);
        }
    }

    /// <summary>Disconnects in order, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync().ConfigureAwait(false);
        _paths.Dispose();
        Report.Dispose();
        _loggers.Dispose();
    }

    // What a user can find out when nobody answers.
    private string Question => _server.Scion is { } scion
        ? $"is the proxy running there? `mqtt-scion ping '{ScmpWords.HostOf(scion)}'` tells whether the host is "
            + "reached."
        : "does a broker that speaks MQTT over QUIC listen there, and does UDP get through?";

    private void OnPath(PathEvent path)
    {
        if (path is PathEvent.Selected || Volatile.Read(ref _path) is null)
            Volatile.Write(ref _path, path);
    }

    private string Route() => Volatile.Read(ref _path)?.Path is { } path ? $" over {path}"
        : _server.Scion is null ? " over plain IP"
        : "";
}
