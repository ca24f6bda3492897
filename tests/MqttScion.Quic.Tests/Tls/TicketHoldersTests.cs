namespace MqttScion.Quic.Tests;

/// <summary>Whom tickets were issued to, in bounded memory.</summary>
public sealed class TicketHoldersTests
{
    [Fact]
    public void Oldest_make_way_when_there_are_too_many()
    {
        var holders = new TicketHolders(maxTickets: 2);
        for (byte ticket = 0; ticket < 3; ticket++)
            holders.Add([ticket], [[ticket]]);

        holders.TryGet([0], out _).Should().BeFalse();
        holders.TryGet([2], out var chain).Should().BeTrue();
        chain![0].Should().Equal(2);
    }

    [Fact]
    public void Oldest_make_way_when_their_certificates_take_too_many_bytes()
    {
        const int chainBytes = TicketHolders.MaxChainBytes / 4;
        var holders = new TicketHolders(maxTickets: 100);
        for (byte ticket = 0; ticket < 10; ticket++)
            holders.Add([ticket], [new byte[chainBytes / 2], new byte[chainBytes / 2]]);

        holders.Count.Should().Be(4);
        holders.TryGet([5], out _).Should().BeFalse();
        holders.TryGet([6], out _).Should().BeTrue();
    }
}
