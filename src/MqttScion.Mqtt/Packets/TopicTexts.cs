using System.Text;

namespace MqttScion.Mqtt;

/// <summary>Makes strings of topic names, and keeps the short ones that came last: most messages repeat a
/// topic.</summary>
internal sealed class TopicTexts
{
    private const int SlotCount = 128;
    private const int LongestKeptBytes = 256;

    private string[] _slots = [];

    /// <summary>The text of a well-formed topic name.</summary>
    public string TextOf(ReadOnlySpan<byte> topic)
    {
        if (topic.Length > LongestKeptBytes)
        {
            return Encoding.UTF8.GetString(topic);
        }
        if (_slots.Length == 0)
        {
            _slots = new string[SlotCount];
        }
        ref var slot = ref _slots[Hash(topic) % SlotCount];
        if (slot is null || !Ascii.Equals(topic, slot))
        {
            slot = Encoding.UTF8.GetString(topic);
        }
        return slot;
    }

    private static uint Hash(ReadOnlySpan<byte> bytes)
    {
        var hash = 2166136261; // FNV-1a
        foreach (var b in bytes)
        {
            hash = (hash ^ b) * 16777619;
        }
        return hash;
    }
}
