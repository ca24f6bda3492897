namespace MqttScion.Scion.Tests;

/// <summary>A path source that answers as a test says, and notes when it was asked.</summary>
internal sealed class ScriptedPathSource(VirtualClock clock) : IPathSource
{
    public static readonly Uri Url = new("http://127.0.0.1:1/");

    /// <summary>When it was asked, in virtual time.</summary>
    public List<TimeSpan> Asked { get; } = [];

    /// <summary>What it answers; may throw.</summary>
    public Func<IReadOnlyList<ScionPath>> Answer { get; set; } = () => [];

    /// <summary>True makes a look-up wait until it is cancelled.</summary>
    public bool IsHanging { get; set; }

    public Task<IReadOnlyList<LocalAs>> GetLocalAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<LocalAs>>([new LocalAs(TestPaths.Source)]);

    public Task<IReadOnlyList<ScionPath>> GetPathsAsync(
        IsdAs destination,
        IsdAs? source = null,
        CancellationToken cancellationToken = default)
    {
        destination.Should().Be(TestPaths.Destination);
        Asked.Add(clock.Elapsed);
        if (IsHanging)
        {
            var never = new TaskCompletionSource<IReadOnlyList<ScionPath>>();
            cancellationToken.Register(() => never.TrySetCanceled(cancellationToken));
            return never.Task;
        }
        try
        {
            return Task.FromResult(Answer());
        }
        catch (PathLookupException e)
        {
            return Task.FromException<IReadOnlyList<ScionPath>>(e);
        }
    }
}
