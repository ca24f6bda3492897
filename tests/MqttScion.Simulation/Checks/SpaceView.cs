namespace MqttScion.Simulation;

/// <summary>What one side did in a packet number space.</summary>
internal sealed class SpaceView
{
    public long LastSealed { get; set; } = -1;

    /// <summary>Packets that were authentic on arrival.</summary>
    public RangeSet Opened { get; } = new();

    /// <summary>The CRYPTO stream as far as it was sent.</summary>
    public List<byte> Crypto { get; } = [];
}
