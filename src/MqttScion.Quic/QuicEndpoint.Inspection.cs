namespace MqttScion.Quic;

/// <content>What simulations look at to judge the engine; nothing in the engine uses it.</content>
public sealed partial class QuicEndpoint
{
    internal int KnownIdCount => _byId.Count;

    internal int KnownResetTokenCount => _byResetToken.Count;
}
