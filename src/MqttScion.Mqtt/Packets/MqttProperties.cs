using System.Diagnostics;

namespace MqttScion.Mqtt;

/// <summary>The properties of a packet (MQTT 5 §2.2.2), all of them, in the order of the packet.</summary>
internal sealed class MqttProperties
{
    /// <summary>A hostile packet could else make objects of many times its own size.</summary>
    private const int MaxEntries = 4096;

    private readonly List<Entry> _entries = [];
    private ulong _present;

    private readonly record struct Entry(MqttPropertyId Id, uint Number, object? Value);

    /// <summary>The length in bytes of the entries, without the length field in front.</summary>
    public int ContentLength { get; private set; }

    /// <summary>The length in bytes with the length field in front.</summary>
    public int EncodedLength => MqttSpanWriter.VarIntLength((uint)ContentLength) + ContentLength;

    public bool IsEmpty => _entries.Count == 0;

    public IReadOnlyList<MqttUserProperty> UserProperties => Has(MqttPropertyId.UserProperty)
        ? All(MqttPropertyId.UserProperty, e => (MqttUserProperty)e.Value!)
        : [];

    public IReadOnlyList<uint> SubscriptionIdentifiers => Has(MqttPropertyId.SubscriptionIdentifier)
        ? All(MqttPropertyId.SubscriptionIdentifier, e => e.Number)
        : [];

    public string? ReasonString => Text(MqttPropertyId.ReasonString);

    public bool Has(MqttPropertyId id) => (_present >> (int)id & 1) != 0;

    public uint? Number(MqttPropertyId id) => TryFind(id, out var entry) ? entry.Number : null;

    public bool Flag(MqttPropertyId id, bool absent) => TryFind(id, out var entry) ? entry.Number != 0 : absent;

    public string? Text(MqttPropertyId id) => TryFind(id, out var entry) ? (string)entry.Value! : null;

    public byte[]? Binary(MqttPropertyId id) => TryFind(id, out var entry) ? (byte[])entry.Value! : null;

    public void Add(MqttPropertyId id, uint number) => Append(new Entry(id, number, null));

    public void Add(MqttPropertyId id, string? text)
    {
        if (text is not null)
        {
            Append(new Entry(id, 0, text));
        }
    }

    public void Add(MqttPropertyId id, byte[]? bytes)
    {
        if (bytes is not null)
        {
            Append(new Entry(id, 0, bytes));
        }
    }

    public void Add(IReadOnlyList<MqttUserProperty> properties)
    {
        if (ReferenceEquals(properties, Array.Empty<MqttUserProperty>()))
        {
            return; // By far the most; asking an array for its Count through an interface costs more than the rest.
        }
        for (var i = 0; i < properties.Count; i++)
        {
            Append(new Entry(MqttPropertyId.UserProperty, 0, properties[i]));
        }
    }

    public void Clear()
    {
        if (IsEmpty)
        {
            return;
        }
        _entries.Clear();
        _present = 0;
        ContentLength = 0;
    }

    /// <summary>False when a text or binary value cannot travel; see <see cref="MqttTopic.IsWellFormed"/>.</summary>
    public bool IsWellFormed() => _entries.TrueForAll(e => e.Value switch
    {
        string text => MqttTopic.IsWellFormed(text),
        byte[] bytes => bytes.Length <= MqttTopic.MaxLengthBytes,
        MqttUserProperty { Name: var name, Value: var value } =>
            MqttTopic.IsWellFormed(name) && MqttTopic.IsWellFormed(value),
        _ => true,
    });

    public void Write(ref MqttSpanWriter writer)
    {
        writer.WriteVarInt((uint)ContentLength);
        var end = writer.Length + ContentLength;
        foreach (var entry in _entries)
        {
            WriteEntry(ref writer, entry);
        }
        Debug.Assert(writer.Length == end, "The measured length is not the written length.");
    }

    /// <summary>Reads the length field and the properties. Null when there are none.</summary>
    public static MqttProperties? Read(ref MqttSpanReader reader, MqttPropertyScope scope)
    {
        var lengthBytes = reader.ReadVarInt();
        if (lengthBytes == 0)
        {
            return null;
        }
        var inner = new MqttSpanReader(reader.Take((int)lengthBytes));
        var properties = new MqttProperties();
        while (inner.HasMore)
        {
            properties.ReadEntry(ref inner, scope);
        }
        if (properties.Has(MqttPropertyId.AuthenticationData) && !properties.Has(MqttPropertyId.AuthenticationMethod))
        {
            inner.ProtocolError("§3.1.2.11.10: Authentication Data came without Authentication Method.");
        }
        if (inner.HasFailed)
        {
            reader.Fail(inner.Fault);
        }
        return properties;
    }

    private void ReadEntry(ref MqttSpanReader reader, MqttPropertyScope scope)
    {
        var id = (MqttPropertyId)reader.ReadVarInt();
        var kind = MqttPropertyTable.KindOf(id);
        if (kind == MqttPropertyKind.Unknown || (MqttPropertyTable.ScopeOf(id) & scope) == 0)
        {
            reader.Malformed($"§2.2.2.2: Property {(int)id} is not allowed in this packet ({scope}).");
            return;
        }
        var mayRepeat = id == MqttPropertyId.UserProperty
            || (id == MqttPropertyId.SubscriptionIdentifier && scope == MqttPropertyScope.Publish);
        if (Has(id) && !mayRepeat)
        {
            reader.ProtocolError($"§2.2.2.2: Property {id} came twice.");
            return;
        }
        var entry = kind switch
        {
            MqttPropertyKind.Bool => new Entry(id, reader.ReadByte(), null),
            MqttPropertyKind.UInt16 or MqttPropertyKind.NonZeroUInt16 => new Entry(id, reader.ReadUInt16(), null),
            MqttPropertyKind.UInt32 or MqttPropertyKind.NonZeroUInt32 => new Entry(id, reader.ReadUInt32(), null),
            MqttPropertyKind.NonZeroVarInt => new Entry(id, reader.ReadVarInt(), null),
            MqttPropertyKind.Text => new Entry(id, 0, reader.ReadString()),
            MqttPropertyKind.Binary => new Entry(id, 0, reader.ReadBinary()),
            MqttPropertyKind.TextPair =>
                new Entry(id, 0, new MqttUserProperty(reader.ReadString(), reader.ReadString())),
            _ => throw new UnreachableException(),
        };
        CheckNumber(ref reader, kind, entry);
        if (_entries.Count == MaxEntries)
        {
            reader.Fail(new MqttReadFault(
                MqttDisconnectReasonCode.QuotaExceeded, $"More than {MaxEntries} properties are in the packet."));
        }
        if (!reader.HasFailed)
        {
            Append(entry);
        }
    }

    private static void CheckNumber(ref MqttSpanReader reader, MqttPropertyKind kind, in Entry entry)
    {
        var isNonZero = kind is MqttPropertyKind.NonZeroUInt16 or MqttPropertyKind.NonZeroUInt32
            or MqttPropertyKind.NonZeroVarInt;
        if (isNonZero && entry.Number == 0)
        {
            reader.Fail(entry.Id == MqttPropertyId.TopicAlias
                ? new MqttReadFault(MqttDisconnectReasonCode.TopicAliasInvalid, "[MQTT-3.3.2-8] Topic Alias is 0.")
                : MqttReadFault.Protocol($"§2.2.2.2: Property {entry.Id} is 0."));
        }
        else if (kind == MqttPropertyKind.Bool && entry.Number > 1)
        {
            reader.ProtocolError($"§2.2.2.2: Property {entry.Id} is {entry.Number}; 0 or 1 is allowed.");
        }
    }

    private void Append(in Entry entry)
    {
        _entries.Add(entry);
        _present |= 1UL << (int)entry.Id;
        ContentLength += LengthOf(entry);
    }

    private static int LengthOf(in Entry entry) => 1 + MqttPropertyTable.KindOf(entry.Id) switch
    {
        MqttPropertyKind.Bool => 1,
        MqttPropertyKind.UInt16 or MqttPropertyKind.NonZeroUInt16 => 2,
        MqttPropertyKind.UInt32 or MqttPropertyKind.NonZeroUInt32 => 4,
        MqttPropertyKind.NonZeroVarInt => MqttSpanWriter.VarIntLength(entry.Number),
        MqttPropertyKind.Text => MqttSpanWriter.StringLength((string)entry.Value!),
        MqttPropertyKind.Binary => 2 + ((byte[])entry.Value!).Length,
        MqttPropertyKind.TextPair => MqttSpanWriter.StringLength(((MqttUserProperty)entry.Value!).Name)
            + MqttSpanWriter.StringLength(((MqttUserProperty)entry.Value!).Value),
        _ => throw new UnreachableException(),
    };

    private static void WriteEntry(ref MqttSpanWriter writer, in Entry entry)
    {
        writer.WriteByte((byte)entry.Id);
        switch (MqttPropertyTable.KindOf(entry.Id))
        {
            case MqttPropertyKind.Bool:
                writer.WriteByte((byte)entry.Number);
                break;
            case MqttPropertyKind.UInt16 or MqttPropertyKind.NonZeroUInt16:
                writer.WriteUInt16((ushort)entry.Number);
                break;
            case MqttPropertyKind.UInt32 or MqttPropertyKind.NonZeroUInt32:
                writer.WriteUInt32(entry.Number);
                break;
            case MqttPropertyKind.NonZeroVarInt:
                writer.WriteVarInt(entry.Number);
                break;
            case MqttPropertyKind.Text:
                writer.WriteString((string)entry.Value!);
                break;
            case MqttPropertyKind.Binary:
                writer.WriteBinary((byte[])entry.Value!);
                break;
            case MqttPropertyKind.TextPair:
                writer.WriteString(((MqttUserProperty)entry.Value!).Name);
                writer.WriteString(((MqttUserProperty)entry.Value!).Value);
                break;
            default:
                throw new UnreachableException();
        }
    }

    private bool TryFind(MqttPropertyId id, out Entry found)
    {
        found = default;
        if (!Has(id))
        {
            return false;
        }
        foreach (var entry in _entries)
        {
            if (entry.Id == id)
            {
                found = entry;
                return true;
            }
        }
        return false;
    }

    private List<T> All<T>(MqttPropertyId id, Func<Entry, T> select) =>
        _entries.Where(e => e.Id == id).Select(select).ToList();
}
