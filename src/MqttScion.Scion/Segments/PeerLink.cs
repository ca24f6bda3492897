namespace MqttScion.Scion;

/// <summary>A peering link from the interface that a packet leaves by to the one it enters by.</summary>
internal readonly record struct PeerLink(IsdAs From, ushort FromInterface, IsdAs To, ushort ToInterface);
