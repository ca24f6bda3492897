using System.Reflection;

namespace MqttScion.Benchmarks;

/// <summary>
/// Who holds what: the sizes of all objects that can be reached from one, each put down to the field of it through
/// which it was reached first. Sizes are those of the runtime's heap, from its method tables.
/// </summary>
internal sealed class HeapWalk(Func<object, bool> isShared)
{
    private readonly HashSet<object> _seen = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, (long Bytes, int Count)> _byHolder = [];
    private readonly Dictionary<string, (long Bytes, int Count)> _byType = [];

    public IEnumerable<(string Name, long Bytes, int Count)> Holders => Sorted(_byHolder);

    public IEnumerable<(string Name, long Bytes, int Count)> Types => Sorted(_byType);

    public long TotalBytes => _byHolder.Values.Sum(value => value.Bytes);

    public void Walk(object root)
    {
        _seen.Add(root);
        Count(root, "(itself)");
        foreach (var (field, value) in References(root))
            Reach(value, field);
    }

    private void Reach(object root, string holder)
    {
        var open = new Stack<object>();
        open.Push(root);
        while (open.TryPop(out var item))
        {
            if (item is Type or MemberInfo or string { Length: 0 } || isShared(item) || !_seen.Add(item))
                continue;
            Count(item, holder);
            foreach (var (_, value) in References(item))
                open.Push(value);
        }
    }

    private void Count(object item, string holder)
    {
        var bytes = Size(item);
        Add(_byHolder, holder, bytes);
        Add(_byType, item.GetType().ToString(), bytes);
    }

    private static void Add(Dictionary<string, (long Bytes, int Count)> sums, string name, long bytes)
    {
        var (known, count) = sums.GetValueOrDefault(name);
        sums[name] = (known + bytes, count + 1);
    }

    private static IEnumerable<(string Name, long Bytes, int Count)> Sorted(
        Dictionary<string, (long Bytes, int Count)> sums) =>
        sums.OrderByDescending(pair => pair.Value.Bytes).Select(pair => (pair.Key, pair.Value.Bytes, pair.Value.Count));

    // A method table starts with the size of an array's element and the base size of the object.
    private static unsafe long Size(object item)
    {
        var table = item.GetType().TypeHandle.Value;
        var size = (long)*(uint*)(table + sizeof(uint));
        if (item is Array array)
            size += array.Length * (long)*(ushort*)table;
        else if (item is string text)
            size += text.Length * sizeof(char);
        return (size + 7) & ~7L;
    }

    private static IEnumerable<(string Field, object Value)> References(object item)
    {
        if (item is Array array)
        {
            if (array.GetType().GetElementType()!.IsPrimitive)
                yield break;
            foreach (var element in array)
            {
                foreach (var found in InValue("[]", element))
                    yield return found;
            }
            yield break;
        }
        foreach (var found in Fields(item))
            yield return found;
    }

    private static IEnumerable<(string Field, object Value)> Fields(object item)
    {
        const BindingFlags own =
            BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        for (var type = item.GetType(); type is not null && type != typeof(object); type = type.BaseType)
        {
            foreach (var field in type.GetFields(own))
            {
                // The others of a chain hold themselves.
                if (field.Name is "<Newer>k__BackingField" or "<Older>k__BackingField")
                    continue;
                if (field.FieldType.IsPrimitive || field.FieldType.IsPointer || field.FieldType.IsEnum)
                    continue;
                foreach (var found in InValue(field.Name, field.GetValue(item)))
                    yield return found;
            }
        }
    }

    // A structure is part of its holder: what it refers to counts.
    private static IEnumerable<(string Field, object Value)> InValue(string name, object? value)
    {
        if (value is null)
            yield break;
        if (!value.GetType().IsValueType)
        {
            yield return (name, value);
            yield break;
        }
        if (value.GetType().IsPrimitive || value is Enum or TimeSpan or DateTimeOffset)
            yield break;
        foreach (var (_, inner) in Fields(value))
            yield return (name, inner);
    }
}
