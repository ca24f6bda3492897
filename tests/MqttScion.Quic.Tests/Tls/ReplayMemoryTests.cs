namespace MqttScion.Quic.Tests;

public sealed class ReplayMemoryTests
{
    private const long WindowSeconds = 10;
    private const long Start = 1_000_000;

    private readonly ReplayMemory _memory = new(maxEntries: 2, TimeSpan.FromSeconds(WindowSeconds + 0.9));

    [Fact]
    public void Hello_seen_within_the_window_is_a_replay()
    {
        AddAt(binder: 1, Start).Should().BeTrue();
        AddAt(binder: 1, Start + WindowSeconds).Should().BeFalse();
    }

    [Fact]
    public void Hello_that_nobody_permits_is_refused() =>
        _memory.TryAdd([1], Start + WindowSeconds).Should().BeFalse();

    [Fact]
    public void Full_memory_refuses_until_an_entry_expires()
    {
        AddAt(binder: 1, Start).Should().BeTrue();
        AddAt(binder: 2, Start + 5).Should().BeTrue();

        AddAt(binder: 3, Start + WindowSeconds).Should().BeFalse();
        AddAt(binder: 3, Start + WindowSeconds + 1).Should().BeTrue();
        AddAt(binder: 4, Start + WindowSeconds + 1).Should().BeFalse();
        _memory.Count.Should().Be(2);
    }

    // As GnuTLS does: the expiry is its time and the window, in whole seconds.
    private bool AddAt(byte binder, long now)
    {
        _memory.Permit([binder]);
        try
        {
            return _memory.TryAdd([binder], now + WindowSeconds);
        }
        finally
        {
            _memory.Withdraw([binder]);
        }
    }
}
