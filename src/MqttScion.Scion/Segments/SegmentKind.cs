namespace MqttScion.Scion;

/// <summary>Which kind of segment an edge uses; paths use each kind at most once and in this order.</summary>
internal enum SegmentKind
{
    Up,
    Core,
    Down,
}
