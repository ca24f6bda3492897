using System.Collections.Concurrent;
using MqttScion.Mqtt;

namespace MqttScion.Sqlite;

/// <summary>
/// An outbox in one SQLite file: <c>options.OutboxStore = new SqliteOutboxStore("outbox.db")</c>. One process and one
/// client identifier use a file at a time.
/// </summary>
/// <remarks>
/// <para>A thread of its own takes all changes that have come since the last commit and writes them in one
/// transaction, so the cost of a commit is shared by as many publishes as come in its time.</para>
/// <para>The file is bounded by the outbox in front of it (MaxPendingPublishes, MaxPendingBytes); its space is used
/// again and not given back. It holds messages in the clear, and is made readable for its owner only.</para>
/// </remarks>
public sealed class SqliteOutboxStore : IOutboxStore
{
    private const int MaxBatch = 4096;

    private readonly BlockingCollection<Change> _changes = [];
    private readonly Lock _gate = new();
    private readonly string _path;
    private readonly SqliteDurability _durability;
    private OutboxFile? _file;
    private Task _writing = Task.CompletedTask;
    private bool _isDisposed;

    /// <summary>Names a file; nothing is opened before <see cref="OpenAsync"/>.</summary>
    /// <param name="path">The file; made when it is not there. SQLite puts <c>-wal</c> beside it.</param>
    /// <param name="durability">What an accepted publish survives.</param>
    public SqliteOutboxStore(string path, SqliteDurability durability = SqliteDurability.PowerLoss)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        (_path, _durability) = (Path.GetFullPath(path), durability);
    }

    /// <summary>
    /// What is done with a file that is damaged, or no outbox at all. False (the default): opening fails, and the text
    /// says what to do. True: it is renamed to <c>….damaged-1</c> (2, 3, …) together with its <c>-wal</c>, and an empty
    /// outbox is begun; what was in it is not sent. <see cref="SetAside"/> tells.
    /// </summary>
    /// <remarks>A file that is in use, of another client or of another version is never set aside.</remarks>
    public bool SetsDamagedFileAside { get; init; }

    /// <summary>Where a damaged file was put when the store was opened; null when it was sound.</summary>
    public string? SetAside { get; private set; }

    private enum Verb
    {
        Append,
        MarkSent,
        Release,
        Remove,
        Flush,
    }

    /// <inheritdoc/>
    /// <exception cref="OutboxStoreException">The file is in use, damaged, of another kind or another client.
    /// </exception>
    public Task<IReadOnlyList<StoredPublish>> OpenAsync(
        string clientId, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<IReadOnlyList<StoredPublish>>(cancellationToken);
        }
        var opened = new TaskCompletionSource<IReadOnlyList<StoredPublish>>(
            TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_isDisposed)
            {
                return Task.FromException<IReadOnlyList<StoredPublish>>(
                    new ObjectDisposedException(nameof(SqliteOutboxStore)));
            }
            if (!_writing.IsCompleted)
            {
                return Task.FromException<IReadOnlyList<StoredPublish>>(
                    new InvalidOperationException($"The outbox '{_path}' is open already."));
            }
            var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _writing = ended.Task;
            // SQLite waits for the disk where it is called, and reading a large outbox takes its time.
            new Thread(() => Run(clientId, opened, ended))
            {
                IsBackground = true,
                Name = $"mqtt-scion outbox {Path.GetFileName(_path)}",
            }.UnsafeStart();
        }
        // Not cancelled half-way: the file would be open and nobody would know. It has ended when the thread has, which
        // DisposeAsync waits for.
        return opened.Task;
    }

    /// <inheritdoc/>
    public Task AppendAsync(StoredPublish publish)
    {
        ArgumentNullException.ThrowIfNull(publish);
        return Post(new Change(Verb.Append, publish.Sequence, publish, MqttStoredMessage.ToBytes(publish.Message)));
    }

    /// <inheritdoc/>
    public Task MarkSentAsync(long sequence) => Post(new Change(Verb.MarkSent, sequence));

    /// <inheritdoc/>
    public Task ReleaseAsync(long sequence) => Post(new Change(Verb.Release, sequence));

    /// <inheritdoc/>
    public void Remove(long sequence)
    {
        lock (_gate)
        {
            if (!_isDisposed)
            {
                _changes.Add(new Change(Verb.Remove, sequence) { Done = null });
            }
        }
    }

    /// <inheritdoc/>
    public Task FlushAsync() => Post(new Change(Verb.Flush, 0));

    /// <summary>Writes what is left and closes the file, also one that is just being opened.</summary>
    public async ValueTask DisposeAsync()
    {
        Task writing;
        lock (_gate)
        {
            _isDisposed = true;
            _changes.CompleteAdding();
            writing = _writing;
        }
        await writing.ConfigureAwait(false);
    }

    private Task Post(Change change)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _changes.Add(change);
        }
        return change.Done!.Task;
    }

    private void Run(
        string clientId, TaskCompletionSource<IReadOnlyList<StoredPublish>> opened, TaskCompletionSource ended)
    {
        try
        {
            var publishes = Open(clientId);
            opened.SetResult(publishes);
            Write();
        }
        catch (Exception e)
        {
            opened.TrySetException(e); // To the caller of OpenAsync, whatever it is.
        }
        finally
        {
            _file?.Dispose();
            _file = null;
            ended.SetResult();
        }
    }

    private IReadOnlyList<StoredPublish> Open(string clientId)
    {
        try
        {
            _file = new OutboxFile(_path, _durability);
            _file.Claim(clientId);
            return _file.ReadAll();
        }
        catch (OutboxStoreException e) when (e.IsDamage && SetsDamagedFileAside)
        {
            _file?.Dispose();
            _file = null;
            SetAside = OutboxFile.SetAside(_path);
        }
        _file = new OutboxFile(_path, _durability);
        _file.Claim(clientId);
        return [];
    }

    private void Write()
    {
        var batch = new List<Change>();
        foreach (var first in _changes.GetConsumingEnumerable())
        {
            batch.Add(first);
            while (batch.Count < MaxBatch && _changes.TryTake(out var next))
            {
                batch.Add(next);
            }
            Commit(batch);
        }
        if (batch.Count > 0)
        {
            Commit(batch); // What could not be removed before.
        }
    }

    private void Commit(List<Change> batch)
    {
        try
        {
            _file!.Execute("BEGIN IMMEDIATE");
            foreach (var change in batch)
            {
                Apply(change);
            }
            _file.Execute("COMMIT");
        }
        catch (OutboxStoreException e)
        {
            _file!.Rollback();
            foreach (var change in batch)
            {
                change.Done?.TrySetException(e);
            }
            // Nobody waits for a removal: it goes with the next commit.
            batch.RemoveAll(change => change.Verb != Verb.Remove);
            return;
        }
        foreach (var change in batch)
        {
            change.Done?.TrySetResult();
        }
        batch.Clear();
    }

    private void Apply(Change change)
    {
        switch (change.Verb)
        {
            case Verb.Append:
                _file!.Insert(change.Publish!, change.Message!);
                break;
            case Verb.MarkSent:
                _file!.MarkSent(change.Sequence);
                break;
            case Verb.Release:
                _file!.Release(change.Sequence);
                break;
            case Verb.Remove:
                _file!.Delete(change.Sequence);
                break;
        }
    }

    private sealed record Change(Verb Verb, long Sequence, StoredPublish? Publish = null, byte[]? Message = null)
    {
        public TaskCompletionSource? Done { get; init; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
