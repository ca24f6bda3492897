namespace MqttScion;

/// <summary>
/// Keeps the QoS 1 and 2 publishes of one client identifier where they outlive the process. The client is its only
/// user.
/// </summary>
/// <remarks>
/// <para>The order of the calls is the order of the changes: one that is durable is durable with all that were asked
/// for before it. Calls return without waiting for a disk; the tasks tell when a change is durable.</para>
/// <para>All calls come on the thread pool, one at a time. One that blocks there holds up the calls behind it, and with
/// them the publishes that wait to be stored, but no acknowledgement and no other publish. The client closes the store
/// behind all other calls, and waits 30 s for that at most.</para>
/// </remarks>
public interface IOutboxStore : IAsyncDisposable
{
    /// <summary>Opens the store and reads what is in it, in the order of the sequence numbers. Called once, first.
    /// </summary>
    /// <param name="clientId">Whose publishes; a store of another client identifier must be refused.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<IReadOnlyList<StoredPublish>> OpenAsync(string clientId, CancellationToken cancellationToken = default);

    /// <summary>Adds a publish; the task ends when it is durable.</summary>
    Task AppendAsync(StoredPublish publish);

    /// <summary>Notes that a publish with <see cref="StoredPublish.MayHaveBeenSent"/> off is about to be sent; the task
    /// ends when that is durable. A store without it keeps that mark set from the beginning.</summary>
    Task MarkSentAsync(long sequence) => Task.CompletedTask;

    /// <summary>Notes that the server has a QoS 2 publish (PUBREC); the task ends when that is durable.</summary>
    Task ReleaseAsync(long sequence);

    /// <summary>Takes a publish out. It may come back after a crash, if that comes before it is durable.</summary>
    void Remove(long sequence);

    /// <summary>Ends when all that was asked for is durable.</summary>
    Task FlushAsync();
}
