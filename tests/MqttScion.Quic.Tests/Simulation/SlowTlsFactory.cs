namespace MqttScion.Quic.Tests;

/// <summary>Makes each step of another factory's handshakes take a time, in virtual time.</summary>
internal sealed class SlowTlsFactory(IQuicTlsFactory inner, TimeSpan stepTime, Func<TimeSpan> clock) : IQuicTlsFactory
{
    public List<SlowTls> Sessions { get; } = [];

    /// <summary>When the first of the steps under way is through.</summary>
    public TimeSpan? NextDue => Sessions.Min(session => session.Due);

    /// <summary>Ends the steps that are through by now.</summary>
    public void Advance()
    {
        foreach (var session in Sessions)
        {
            if (session.Due <= clock())
                session.Finish();
        }
    }

    public IQuicTls CreateClient(string serverName, ReadOnlySpan<byte> session, bool offersEarlyData) =>
        Add(inner.CreateClient(serverName, session, offersEarlyData));

    public IQuicTls CreateServer(ReadOnlySpan<byte> ticketContext, bool acceptsEarlyData) =>
        Add(inner.CreateServer(ticketContext, acceptsEarlyData));

    public void Dispose() => inner.Dispose();

    private SlowTls Add(IQuicTls tls)
    {
        Sessions.Add(new SlowTls(tls, () => clock() + stepTime));
        return Sessions[^1];
    }
}
