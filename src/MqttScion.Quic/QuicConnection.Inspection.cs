namespace MqttScion.Quic;

/// <content>What simulations look at to judge the engine; nothing in the engine uses it.</content>
public sealed partial class QuicConnection
{
    internal StreamTable Streams => _streams;

    internal ConnectionPaths Paths => _paths;

    internal IReadOnlyList<PacketSpace> Spaces => _spaces;

    internal PeerConnectionIds PeerIds => _peerIds;

    /// <summary>How often the probe timer fired in a row: pto_count.</summary>
    internal int ProbeCount => _paths.Current.Backoff.Count;

    /// <summary>How many datagrams a probe timeout still asks for.</summary>
    internal int ProbesPending
    {
        get
        {
            var count = 0;
            foreach (var space in _spaces)
                count += space.ProbesPending;
            return count;
        }
    }
}
