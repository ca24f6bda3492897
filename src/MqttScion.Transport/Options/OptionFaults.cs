namespace MqttScion.Transport;

/// <summary>What is done about options that are not valid.</summary>
internal static class OptionFaults
{
    /// <summary>Throws when there are faults.</summary>
    /// <exception cref="ArgumentException">There are; the text names each.</exception>
    public static void ThrowIfAny(IReadOnlyList<string> faults, string parameter)
    {
        if (faults.Count > 0)
        {
            throw new ArgumentException("The options are not valid. " + string.Join(' ', faults), parameter);
        }
    }
}
