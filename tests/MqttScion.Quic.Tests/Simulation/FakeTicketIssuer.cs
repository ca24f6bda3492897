namespace MqttScion.Quic.Tests;

/// <summary>The issuer of the toy's tickets, which are all the same.</summary>
internal sealed class FakeTicketIssuer(byte[]? key, TimeSpan? lifetime, TimeSpan? earlyDataWindow)
    : QuicTicketIssuer(key, lifetime, earlyDataWindow)
{
    public bool HasForgotten { get; private set; }

    protected override void ForgetReplays() => HasForgotten = true;
}
