namespace MqttScion.Sqlite;

/// <summary>The file of an outbox can't be opened, read or written; the text says which and what SQLite said.</summary>
public sealed class OutboxStoreException : IOException
{
    internal OutboxStoreException(string message)
        : base(message)
    {
    }
}
