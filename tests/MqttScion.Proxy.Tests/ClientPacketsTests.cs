namespace MqttScion.Proxy.Tests;

public class ClientPacketsTests
{
    [Theory]
    [InlineData("e000", true)]
    [InlineData("c000e000", true)]
    [InlineData("e00204000000", false)]
    [InlineData("e0020400", true)]
    [InlineData("e00204", false)]
    [InlineData("e0", false)]
    [InlineData("c000", false)]
    [InlineData("", false)]
    [InlineData("3004000161e0", false)]
    [InlineData("3005000161e000", false)]
    [InlineData("3005000161e000e000", true)]
    [InlineData("308100ffe000", true)]
    public void Goodbye_is_a_whole_disconnect_at_the_end_however_it_is_cut(string hex, bool expected)
    {
        var bytes = Convert.FromHexString(hex);
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            var packets = new ClientPackets();
            packets.Take(bytes.AsSpan(0, cut));
            packets.Take(bytes.AsSpan(cut));
            packets.HasEndedInOrder.Should().Be(expected, $"cut at {cut}");
        }
    }
}
