namespace MqttScion.Scion;

/// <summary>What one AS announces in a segment beyond what forwarding needs. Nothing in it is verified.</summary>
/// <param name="Note">A remark; may be empty.</param>
/// <param name="Interfaces">By interface number; not changed once decoded.</param>
internal sealed record EntryMetadata(string Note, Dictionary<ushort, InterfaceMetadata> Interfaces);
