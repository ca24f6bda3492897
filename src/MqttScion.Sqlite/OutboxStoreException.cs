namespace MqttScion.Sqlite;

/// <summary>The file of an outbox can't be opened, read or written; the text says which and what SQLite said.</summary>
public sealed class OutboxStoreException : IOException
{
    internal OutboxStoreException(string message, bool isDamage = false)
        : base(message) => IsDamage = isDamage;

    /// <summary>True when what is in the file can't be read, and no other process or client is to blame.</summary>
    public bool IsDamage { get; }
}
