using System.Runtime.InteropServices;

namespace MqttScion.Tools;

/// <summary>
/// Ctrl-C (SIGINT) and SIGTERM: the first ends the command in order, a second one or too long a delay at once.
/// </summary>
public sealed class TerminationSignals : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration[] _registrations;
    private readonly Timer _limit;
    private int _code;

    /// <summary>Takes the signals from now on.</summary>
    /// <param name="patience">How long a command may take to end in order.</param>
    public TerminationSignals(TimeSpan patience)
    {
        _limit = new Timer(_ => Environment.Exit(_code));
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, each => OnSignal(each, ExitCode.Interrupted, patience)),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, each => OnSignal(each, ExitCode.Terminated, patience)),
        ];
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>The exit code of the process: that of the signal, if a command says that one has ended it.</summary>
    public int CodeOf(int code) => code == ExitCode.Interrupted && Volatile.Read(ref _code) is not 0 and var signal
        ? signal
        : code;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _limit.Dispose();
        _stop.Dispose();
    }

    private void OnSignal(PosixSignalContext context, int code, TimeSpan patience)
    {
        context.Cancel = true;
        if (Interlocked.Exchange(ref _code, code) != 0)
            Environment.Exit(code);
        _limit.Change(patience, Timeout.InfiniteTimeSpan);
        _stop.Cancel();
    }
}
