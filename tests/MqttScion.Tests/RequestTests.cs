using System.Diagnostics.CodeAnalysis;
using System.Reactive.Linq;
using MqttScion.Mqtt;
using MqttScion.Proxy.Tests.Support;
using MqttScion.Testnet;
using MqttScion.Tests.Support;

namespace MqttScion.Tests;

/// <summary>Requests and responses through two clients, a proxy and the embedded broker.</summary>
[SuppressMessage("Design", "CA1001", Justification = "xunit disposes it through IAsyncLifetime.")]
public sealed class RequestTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = ScriptedConnection.Patience;

    private PocketBroker _broker = null!;
    private SameAsWorld _world = null!;
    private ScionMqttClient _asking = null!;
    private ScionMqttClient _answering = null!;

    public async Task InitializeAsync()
    {
        _broker = await PocketBroker.StartAsync(new PocketBrokerOptions
        {
            AuthorizePublish = (_, message) => message.Topic == "forbidden"
                ? MqttClientPublishReasonCode.NotAuthorized : MqttClientPublishReasonCode.Success,
        });
        _world = new SameAsWorld(_broker.EndPoint.ToString());
        _asking = new ScionMqttClient(_world.ClientOptions("asking"));
        _answering = new ScionMqttClient(_world.ClientOptions("answering"));
        await _asking.ConnectAsync().WaitAsync(Patience);
        await _answering.ConnectAsync().WaitAsync(Patience);
    }

    public async Task DisposeAsync()
    {
        await _asking.DisposeAsync();
        await _answering.DisposeAsync();
        await _world.DisposeAsync();
        await _broker.DisposeAsync();
    }

    [Fact]
    public async Task Response_comes_back_to_the_request()
    {
        using var answers = Answer("clock", r => r.RespondAsync("noon"));
        await _answering.SubscribeAsync("clock");

        var response = await _asking.RequestAsync(Messages.Of("clock", "what time?", qos: 1));

        response.ConvertPayloadToString().Should().Be("noon");
    }

    [Fact]
    public async Task Responses_in_another_order_reach_their_own_requests()
    {
        const int count = 100;
        var requests = new List<MqttRequest>();
        var responding = new List<Task>();
        using var answers = _answering.Requests("echo").Subscribe(request =>
        {
            requests.Add(request);
            for (var i = requests.Count - 1; requests.Count >= count && i >= 0; i--)
            {
                responding.Add(requests[i].RespondAsync(requests[i].Message.Payload).AsTask());
            }
        });
        await _answering.SubscribeAsync("echo");

        var responses = await Task.WhenAll(Enumerable.Range(0, count).Select(
            i => _asking.RequestAsync(Messages.Of("echo", $"{i}")).AsTask())).WaitAsync(Patience);

        responses.Select(r => r.ConvertPayloadToString())
            .Should().Equal(Enumerable.Range(0, count).Select(i => $"{i}"));
    }

    [Fact]
    public async Task Request_without_a_response_times_out_and_its_late_response_is_reported()
    {
        var request = _answering.Requests("late").FirstAsync().Replay();
        using var _ = request.Connect();
        await _answering.SubscribeAsync("late");
        var dropped = _asking.DroppedMessages.Collect();

        var asking = _asking.RequestAsync(Messages.Of("late"), TimeSpan.FromMilliseconds(500)).AsTask();
        var error = (await FluentActions.Awaiting(() => asking.WaitAsync(Patience))
            .Should().ThrowAsync<TimeoutException>()).Which;
        await (await request).RespondAsync("too late");

        error.Message.Should().Contain("'late'").And.Contain("00:00:00.5");
        (await dropped.NextAsync()).Reason.Should().Be(MessageDropReason.UnexpectedResponse);
    }

    [Fact]
    public async Task Refused_request_fails_with_the_servers_code()
    {
        var error = (await FluentActions.Awaiting(
                () => _asking.RequestAsync(Messages.Of("forbidden", qos: 1)).AsTask().WaitAsync(Patience))
            .Should().ThrowAsync<MqttRequestFailedException>()).Which;

        error.Result.ReasonCode.Should().Be(MqttClientPublishReasonCode.NotAuthorized);
        error.Message.Should().Contain("'forbidden'").And.Contain("0x87");
    }

    [Fact]
    public async Task Message_without_a_response_topic_is_no_request()
    {
        var dropped = _answering.DroppedMessages.Collect();
        var requests = _answering.Requests("jobs").Collect();
        await _answering.SubscribeAsync("jobs");

        await _asking.PublishAsync(Messages.Of("jobs", "no answer wanted", qos: 1));
        var asking = _asking.RequestAsync(Messages.Of("jobs", "a request", qos: 1)).AsTask();

        (await dropped.NextAsync()).Reason.Should().Be(MessageDropReason.NoResponseTopic);
        var request = await requests.NextAsync();
        request.Read<string>().Should().Be("a request");
        await request.RespondAsync("done");
        (await asking.WaitAsync(Patience)).ConvertPayloadToString().Should().Be("done");
    }

    [Fact]
    public async Task Values_are_asked_and_answered()
    {
        using var answers = Answer("length", r => r.RespondAsync(r.Read<string>()[..4]));
        await _answering.SubscribeAsync("length");

        var text = await _asking.RequestAsync<string, string>("length", "four and more").AsTask().WaitAsync(Patience);
        var bytes = await _asking.RequestAsync<string, byte[]>("length", "more").AsTask().WaitAsync(Patience);

        text.Should().Be("four");
        bytes.Should().Equal("more"u8.ToArray());
    }

    [Fact]
    public async Task Response_that_is_no_such_value_is_a_format_error()
    {
        using var answers = Answer("junk", r => r.RespondAsync(new byte[] { 0xff }));
        await _answering.SubscribeAsync("junk");

        (await FluentActions.Awaiting(
                () => _asking.RequestAsync<string, string>("junk", "?").AsTask().WaitAsync(Patience))
            .Should().ThrowAsync<FormatException>()).WithMessage("*'junk' is no String*");
    }

    [Fact]
    public async Task Wait_outlives_a_lost_connection()
    {
        var request = _answering.Requests("slow").FirstAsync().Replay();
        using var _ = request.Connect();
        await _answering.SubscribeAsync("slow");
        var states = _asking.ConnectionStates.Collect();
        var asking = _asking.RequestAsync(Messages.Of("slow"), TimeSpan.FromSeconds(20)).AsTask();
        var received = await request;

        _broker.DropConnections();
        await states.NextAsync<ConnectionState, ConnectionState.Reconnecting>();
        await states.NextAsync<ConnectionState, ConnectionState.Connected>();
        await received.RespondAsync(new MqttApplicationMessage
        {
            Payload = "at last"u8.ToArray(),
            QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
        });

        (await asking.WaitAsync(Patience)).ConvertPayloadToString().Should().Be("at last");
    }

    [Fact]
    public async Task Disconnect_ends_the_wait()
    {
        var asking = _asking.RequestAsync(Messages.Of("nobody"), TimeSpan.FromMinutes(1)).AsTask();
        await _answering.PublishAsync(Messages.Of("anything", qos: 1));

        await _asking.DisconnectAsync();

        await FluentActions.Awaiting(() => asking.WaitAsync(Patience)).Should().ThrowAsync<MqttNotConnectedException>();
    }

    [Fact]
    public async Task Cancellation_ends_the_wait()
    {
        using var stop = new CancellationTokenSource();
        var asking = _asking.RequestAsync(Messages.Of("nobody"), TimeSpan.FromMinutes(1), stop.Token).AsTask();

        await stop.CancelAsync();

        await FluentActions.Awaiting(() => asking.WaitAsync(Patience))
            .Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task Requests_that_make_no_sense_fail_at_the_call()
    {
        var own = new MqttApplicationMessage { Topic = "a", ResponseTopic = "mine" };
        var retained = new MqttApplicationMessage { Topic = "a", Retain = true };

        await FluentActions.Awaiting(() => _asking.RequestAsync(own).AsTask())
            .Should().ThrowAsync<ArgumentException>().WithMessage("*Response Topic*");
        await FluentActions.Awaiting(() => _asking.RequestAsync(retained).AsTask())
            .Should().ThrowAsync<ArgumentException>().WithMessage("*retained*");
        await FluentActions.Awaiting(() => _asking.RequestAsync(Messages.Of("a/#")).AsTask().WaitAsync(Patience))
            .Should().ThrowAsync<ArgumentException>();
        await FluentActions.Awaiting(() => _asking.RequestAsync(Messages.Of("a"), TimeSpan.Zero).AsTask())
            .Should().ThrowAsync<ArgumentOutOfRangeException>();
    }

    private IDisposable Answer(string topic, Func<MqttRequest, ValueTask<MqttClientPublishResult>> respond) =>
        _answering.Requests(topic).SelectMany(r => Observable.FromAsync(() => respond(r).AsTask())).Subscribe();
}
