using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MqttScion.Mqtt;
using MqttScion.Proxy.Tests.Support;
using MqttScion.Tests.Support;

namespace MqttScion.Tests.Connection;

/// <summary>What a reconnect loop tells, and when it may be started anew.</summary>
public sealed class ReconnectLoopTests : IDisposable
{
    private readonly ConcurrentQueue<string> _told = new();
    private static readonly MqttEndPoint Server = MqttEndPoint.Parse("mqtt-quic://broker.example:14567");

    private readonly RefusingConnector _connector = new();
    private readonly Channel<ConnectionState> _states = Channel.CreateUnbounded<ConnectionState>();
    private readonly ListLoggers _loggers = new();
    private readonly List<(int Attempt, int Count)> _counts = [];
    private MqttApplication? _application;

    public void Dispose() => _loggers.Dispose();

    [Fact]
    public async Task Whoever_sees_Disconnected_finds_all_that_belonged_to_the_connection_ended()
    {
        using var loop = Loop(onEnded: () => { });

        await FluentActions.Awaiting(() => loop.StartAsync(default)).Should().ThrowAsync<IOException>();

        _told.Should().Equal("Connecting", "ended", "Disconnected");
    }

    [Fact]
    public async Task Whoever_is_told_of_the_connection_finds_the_loop_running()
    {
        var wasRunning = new List<bool>();
        ReconnectLoop? loop = null;
        _connector.Connect = Connection;
        using var _ = loop = Loop(onEnded: () => { }, state =>
        {
            if (state is ConnectionState.Connected)
            {
                wasRunning.Add(loop!.IsRunning);
            }
        });

        await loop.StartAsync(default);

        wasRunning.Should().Equal(true);
    }

    [Fact]
    public async Task Start_during_the_end_comes_behind_it()
    {
        ReconnectLoop? loop = null;
        Task? again = null;
        var isFirst = true;
        using var _ = loop = Loop(onEnded: () =>
        {
            (var wasFirst, isFirst) = (isFirst, false);
            again = wasFirst ? loop!.StartAsync(default) : again;
        });

        await FluentActions.Awaiting(() => loop.StartAsync(default)).Should().ThrowAsync<IOException>();

        await FluentActions.Awaiting(() => again!.WaitAsync(ScriptedConnection.Patience))
            .Should().ThrowAsync<IOException>();
        _told.Should().Equal("Connecting", "ended", "Disconnected", "Connecting", "ended", "Disconnected");
    }

    [Fact]
    public async Task Refusal_of_a_first_connect_that_persists_is_an_error_and_tried_again_after_the_longest_delay()
    {
        using var loop = Persistent(Patient(), () => throw Refused());

        loop.StartPersistently();

        var again = await NextAsync<ConnectionState.Connecting>(s => s.Cause is not null);
        again.Attempt.Should().Be(2);
        again.Delay.Should().BeGreaterThan(TimeSpan.FromMinutes(44)).And.BeLessThanOrEqualTo(TimeSpan.FromHours(1));
        again.Cause.Should().BeOfType<MqttConnectRefusedException>();
        _loggers.At(LogLevel.Error).Should().ContainSingle().Which.Should()
            .MatchRegex(@"^Refused at mqtt-quic://broker\.example:14567: The server refused the connection: "
                + @"NotAuthorized \(0x87\)\. Attempt 2 follows in \d+(\.\d{1,2})? s\. Check UserName and Password");
        await loop.StopAsync(MqttDisconnectReasonCode.NormalDisconnection);
    }

    [Fact]
    public async Task Refusal_ends_a_loop_that_is_to_stop_and_says_so()
    {
        using var loop = Persistent(Patient(o => o.OnRefusal = RefusalAction.Stop), () => throw Refused());

        loop.StartPersistently();

        (await NextAsync<ConnectionState.Disconnected>())
            .Reason.Should().BeOfType<MqttConnectRefusedException>();
        _loggers.At(LogLevel.Error).Should().ContainSingle().Which.Should().StartWith("Gave up: The server refused");
    }

    [Fact]
    public async Task Client_that_never_was_connected_is_not_told_that_it_lost_a_connection()
    {
        using var loop = Persistent(Patient(), () => throw new IOException("no route"));

        loop.StartPersistently();

        await NextAsync<ConnectionState.Connecting>(s => s.Cause is IOException);
        _loggers.At(LogLevel.Warning).Should().ContainSingle()
            .Which.Should().Match("Cannot connect: no route. Attempt 2 follows in * s.");
        await loop.StopAsync(MqttDisconnectReasonCode.NormalDisconnection);
    }

    [Fact]
    public async Task Same_broken_rule_on_each_connection_is_counted_and_told()
    {
        var connections = new Queue<MqttApplication>(
            Enumerable.Range(0, 4).Select(_ => new MqttApplication(null!, Server, Hub(), null!, statistics: null)));
        var taken = new ConcurrentQueue<MqttApplication>(connections);
        using var loop = Persistent(TestSettings.Default, () =>
        {
            taken.TryDequeue(out var application).Should().BeTrue();
            return new ClientConnection(
                application!,
                Server,
                Path: null,
                new MqttClientConnectResult { IsSessionPresent = true },
                new NoLoop());
        });
        await loop.StartAsync(default);

        foreach (var connection in connections.Take(3))
        {
            await NextAsync<ConnectionState.Connected>();
            connection.OnLoopEnded(LossRunTests.Broken("1"));
            var lost = await NextAsync<ConnectionState.Reconnecting>();
            _counts.Add((lost.Attempt, lost.SameCauseCount));
        }

        _counts.Should().Equal((1, 1), (2, 2), (3, 3));
        await NextAsync<ConnectionState.Connected>();
        _loggers.At(LogLevel.Warning).Should().HaveCount(3);
        _loggers.At(LogLevel.Warning)[^1].Should()
            .StartWith("The same fault again (3 times in a row): [MQTT-3.4.2-1]").And.Contain("CleanStart");
        connections.Last().OnLoopEnded(new IOException("over"));
        await loop.StopAsync(MqttDisconnectReasonCode.NormalDisconnection);
    }

    [Fact]
    public async Task First_connect_that_is_to_be_retried_completes_when_it_succeeds()
    {
        var failures = 2;
        using var loop = Persistent(
            TestSettings.With(o => o.RetryFirstConnect = true),
            () => failures-- > 0 ? throw new IOException("not yet") : Connection());

        (await loop.StartAsync(default).WaitAsync(ScriptedConnection.Patience))
            .ResultCode.Should().Be(MqttClientConnectResultCode.Success);

        _application!.OnLoopEnded(new IOException("over"));
        await loop.StopAsync(MqttDisconnectReasonCode.NormalDisconnection);
    }

    [Fact]
    public async Task First_connect_that_is_to_be_retried_ends_by_its_token()
    {
        using var loop = Persistent(
            Patient(o => o.RetryFirstConnect = true), () => throw new IOException("not yet"));
        using var cancellation = new CancellationTokenSource();
        var connecting = loop.StartAsync(cancellation.Token);
        await NextAsync<ConnectionState.Connecting>(s => s.Cause is not null);

        await cancellation.CancelAsync();

        await FluentActions.Awaiting(() => connecting).Should().ThrowAsync<OperationCanceledException>();
        (await NextAsync<ConnectionState.Disconnected>()).Reason.Should().BeNull();
        loop.IsRunning.Should().BeFalse();
    }

    [Fact]
    public void What_no_attempt_can_mend_is_thrown_at_the_start()
    {
        _connector.Unusable = new FileNotFoundException("no key");
        using var loop = Loop(onEnded: () => { });

        FluentActions.Invoking(loop.StartPersistently).Should().Throw<FileNotFoundException>();

        _told.Should().BeEmpty();
        loop.IsRunning.Should().BeFalse();
    }

    private static ClientSettings Patient(Action<ScionMqttClientOptions>? change = null) => TestSettings.With(o =>
    {
        o.ReconnectDelay = TimeSpan.FromHours(1);
        o.MaxReconnectDelay = TimeSpan.FromHours(1);
        change?.Invoke(o);
    });

    private static MqttConnectRefusedException Refused() =>
        new(new MqttClientConnectResult { ResultCode = MqttClientConnectResultCode.NotAuthorized });

    private static SubscriptionHub Hub() => new(TestSettings.Default, new DropRecorder());

    private ClientConnection Connection() => new(
        _application = new MqttApplication(null!, Server, Hub(), null!, statistics: null),
        Server,
        Path: null,
        new MqttClientConnectResult(),
        new NoLoop());

    private async Task<T> NextAsync<T>(Func<T, bool>? isWanted = null)
        where T : ConnectionState
    {
        using var patience = new CancellationTokenSource(ScriptedConnection.Patience);
        while (true)
        {
            if (await _states.Reader.ReadAsync(patience.Token) is T state && isWanted?.Invoke(state) is not false)
            {
                return state;
            }
        }
    }

    private ReconnectLoop Persistent(ClientSettings settings, Func<ClientConnection> connect)
    {
        _connector.Connect = connect;
        return new ReconnectLoop(
            _connector,
            settings,
            TimeProvider.System,
            _loggers,
            state => _states.Writer.TryWrite(state),
            _ => { },
            _ => default);
    }

    private ReconnectLoop Loop(Action onEnded, Action<ConnectionState>? onState = null) => new(
        _connector,
        TestSettings.Default,
        TimeProvider.System,
        NullLogger.Instance,
        state =>
        {
            _told.Enqueue(state.GetType().Name);
            onState?.Invoke(state);
        },
        _ =>
        {
            _told.Enqueue("ended");
            onEnded();
        },
        _ => default);

    private sealed class RefusingConnector : IClientConnector
    {
        public MqttEndPoint? LastTried => Server;

        public Func<ClientConnection>? Connect { get; set; }

        public Exception? Unusable { get; set; }

        public void Check()
        {
            if (Unusable is not null)
            {
                throw Unusable;
            }
        }

        public Task<ClientConnection> ConnectAsync(CancellationToken cancellationToken) =>
            Connect is null
                ? Task.FromException<ClientConnection>(new IOException("refused"))
                : Task.Run(Connect, cancellationToken);

        public void Learn(ClientConnection connection, Exception cause)
        {
        }
    }

    private sealed class NoLoop : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => default;
    }
}
