using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace MqttScion.Tests.Support;

/// <summary>
/// A store that works where it is called, blocks there when the test says so, and notes each call that comes beside
/// another one or from a thread that is not of the pool.
/// </summary>
internal sealed class BlockingStore : IOutboxStore, IDisposable
{
    private readonly ConcurrentQueue<string> _calls = new();
    private readonly ConcurrentQueue<string> _faults = new();
    private volatile Blocked? _blocked;
    private int _callCount;

    /// <summary>The changes: <c>+1</c> an append, <c>-1</c> a removal.</summary>
    public List<string> Calls => [.. _calls];

    /// <summary>What was wrong with a call.</summary>
    public IReadOnlyCollection<string> Faults => _faults;

    public Exception? RemoveFailure { get; init; }

    /// <summary>The next call of a method blocks, until the result is disposed.</summary>
    public Blocked Block(string method) => _blocked = new Blocked(method);

    public Task<IReadOnlyList<StoredPublish>> OpenAsync(string clientId, CancellationToken cancellationToken)
    {
        Call("open");
        return Task.FromResult<IReadOnlyList<StoredPublish>>([]);
    }

    public Task AppendAsync(StoredPublish publish) => Call($"+{publish.Sequence}");

    public Task MarkSentAsync(long sequence) => Call($"mark {sequence}");

    public Task ReleaseAsync(long sequence) => Call($"release {sequence}");

    public void Remove(long sequence)
    {
        Call($"-{sequence}");
        if (RemoveFailure is not null)
        {
            throw RemoveFailure;
        }
    }

    public Task FlushAsync() => Call("flush");

    public ValueTask DisposeAsync()
    {
        Call("closed");
        return ValueTask.CompletedTask;
    }

    public void Dispose() => _blocked?.Dispose();

    private Task Call(string text, [CallerMemberName] string method = "")
    {
        if (Interlocked.Increment(ref _callCount) != 1)
        {
            _faults.Enqueue($"'{text}' came beside another call");
        }
        if (!Thread.CurrentThread.IsThreadPoolThread)
        {
            _faults.Enqueue($"'{text}' came from the thread '{Thread.CurrentThread.Name}'");
        }
        _calls.Enqueue(text);
        _blocked?.Pass(method);
        Interlocked.Decrement(ref _callCount);
        return Task.CompletedTask;
    }

    /// <summary>A method that blocks.</summary>
    public sealed class Blocked(string method) : IDisposable
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ManualResetEventSlim _free = new(); // Not disposed: a call may be in it.

        /// <summary>Ends when a call blocks.</summary>
        public Task Reached => _reached.Task;

        public void Pass(string called)
        {
            if (called == method)
            {
                _reached.TrySetResult();
                _free.Wait(ScriptedConnection.Patience);
            }
        }

        public void Dispose() => _free.Set();
    }
}
