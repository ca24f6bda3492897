using System.Collections.Concurrent;
using System.Threading.Channels;
using MqttScion.Scion;

namespace MqttScion.Transport.Tests;

/// <summary>Answers look-ups from a script and notes what it is told.</summary>
public sealed class ScriptedPathSource(params Func<IReadOnlyList<ScionPath>>[] answers) : IPathSource
{
    private readonly ConcurrentQueue<PathInterface> _reported = new();
    private readonly Channel<PathInterface> _told = Channel.CreateUnbounded<PathInterface>();

    public int LookUps { get; private set; }

    public IReadOnlyCollection<PathInterface> Reported => _reported;

    public async Task Told(int count)
    {
        for (; count > 0; count--)
        {
            await _told.Reader.ReadAsync();
        }
    }

    public Task<IReadOnlyList<LocalAs>> GetLocalAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<LocalAs>>([new LocalAs(IsdAs.Parse("1-ff00:0:111"))]);

    public Task<IReadOnlyList<ScionPath>> GetPathsAsync(
        IsdAs destination,
        IsdAs? source = null,
        CancellationToken cancellationToken = default)
    {
        var answer = answers[Math.Min(LookUps++, answers.Length - 1)];
        return Task.Run(answer, cancellationToken);
    }

    public Task ReportDownAsync(PathInterface end, CancellationToken cancellationToken = default)
    {
        _reported.Enqueue(end);
        _told.Writer.TryWrite(end);
        return Task.CompletedTask;
    }
}
