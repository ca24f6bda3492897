using System.Reactive.Linq;
using MqttScion.Mqtt;
using MqttScion.Tests.Support;

namespace MqttScion.Tests.Delivery;

/// <summary>Observers that throw: told, reported, and never the end of the process.</summary>
public sealed class ObserverFailureTests
{
    private readonly DropRecorder _drops = new();
    private readonly SubscriptionHub _hub;
    private readonly FakeLink _link;

    public ObserverFailureTests()
    {
        _hub = new SubscriptionHub(
            TestSettings.With(o => (o.MaxQueuedMessages, o.MaxQueuedBytes) = (100, 1 << 20)), _drops);
        _link = new FakeLink(_hub);
        _hub.OnConnected(_link, isSessionPresent: false, isKnown: false);
    }

    [Fact]
    public async Task Observer_that_throws_gets_its_exception_in_OnError_and_is_reported()
    {
        var told = new TaskCompletionSource<Exception>();
        using var observer = _hub.Messages("t").Subscribe(_ => throw new InvalidDataException(), told.SetResult);

        Say("1");

        (await told.Task.WaitAsync(ScriptedConnection.Patience)).Should().BeOfType<InvalidDataException>();
        _drops.Reports.Should().Equal("ObserverFailed t 1");
    }

    [Fact]
    public async Task Observer_of_values_that_throws_gets_its_exception_in_OnError()
    {
        var told = new TaskCompletionSource<Exception>();
        var values = _hub.Messages("t").Decode(
            new MqttPayloadSerializers().Get<string>(), (_, e) => told.SetException(e));
        using var observer = values.Subscribe(_ => throw new InvalidDataException(), told.SetResult);

        Say("1");

        (await told.Task.WaitAsync(ScriptedConnection.Patience)).Should().BeOfType<InvalidDataException>();
    }

    [Fact]
    public async Task Conflated_observer_that_throws_is_told_reported_and_detached()
    {
        var told = new TaskCompletionSource<Exception>();
        using var observer = _hub.Messages("t").Conflate()
            .Subscribe(_ => throw new InvalidDataException(), told.SetResult);

        Say("1");

        (await told.Task.WaitAsync(ScriptedConnection.Patience)).Should().BeOfType<InvalidDataException>();
        _drops.Reports.Should().Equal("ObserverFailed t 1");
        await Jobs.ConditionAsync(() => _hub.Count == 0);
    }

    [Fact]
    public async Task Conflated_observer_without_OnError_is_reported()
    {
        using var observer = _hub.Messages("t").Conflate().Subscribe(_ => throw new InvalidDataException());

        Say("1");

        await Jobs.ConditionAsync(() => !_drops.Reports.IsEmpty && _hub.Count == 0);
        _drops.Reports.Should().Equal("ObserverFailed t 1");
    }

    [Fact]
    public async Task Conflated_observer_without_OnError_of_a_refused_filter_is_reported()
    {
        using var observer = _hub.Messages("t").Conflate().Subscribe(_ => { });

        _link.Grant(MqttClientSubscribeResultCode.NotAuthorized);

        await Jobs.ConditionAsync(() => !_drops.Failures.IsEmpty);
        _drops.Failures.Should().ContainSingle().Which.Should().BeOfType<MqttSubscribeRefusedException>();
    }

    [Fact]
    public async Task Conflated_observer_behind_an_operator_fails_into_the_source()
    {
        var failed = new TaskCompletionSource<Exception>();
        using var observer = _hub.Messages("t").Where(_ => true).Conflate()
            .Subscribe(_ => throw new InvalidDataException(), failed.SetResult);

        Say("1");
        await failed.Task.WaitAsync(ScriptedConnection.Patience);
        Say("2");

        await Jobs.ConditionAsync(() => !_drops.Reports.IsEmpty);
        _drops.Reports.Should().Equal("ObserverFailed t 2");
    }

    private void Say(string payload)
    {
        _link.Grant();
        _link.Say("t", payload, qos: 1);
    }
}
