namespace MqttScion.Transport.Tests;

public sealed class StreamRequestsTests
{
    [Fact]
    public void Those_who_gave_up_are_not_kept_however_long_another_waits()
    {
        var requests = new StreamRequests();
        var patient = Request();
        requests.Add(patient);

        for (var i = 0; i < 1000; i++)
        {
            var impatient = Request();
            requests.Add(impatient);
            impatient.GiveUp(new CancellationToken(canceled: true));
        }

        requests.Count.Should().BeLessThan(50);
        requests.TryPeek(out var first).Should().BeTrue();
        first.Should().BeSameAs(patient);
    }

    [Fact]
    public void First_who_waits_is_behind_those_who_gave_up()
    {
        var requests = new StreamRequests();
        var (gone, waiting) = (Request(), Request());
        requests.Add(gone);
        requests.Add(waiting);
        gone.GiveUp(new CancellationToken(canceled: true));

        requests.TryPeek(out var first).Should().BeTrue();
        first.Should().BeSameAs(waiting);

        requests.Fail(new IOException("over"));
        waiting.Result.IsFaulted.Should().BeTrue();
        requests.TryPeek(out _).Should().BeFalse();
    }

    private static StreamRequest Request() => new(owner: null!, StreamRequestKind.Accept);
}
