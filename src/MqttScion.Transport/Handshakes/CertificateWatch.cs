using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using System.Text;
using MqttScion.Quic;

namespace MqttScion.Transport;

/// <summary>
/// Makes a server's handshakes from its certificate files as they are now: when somebody connects they are read again,
/// off the loop, if that was more than a second ago. Files that can't be used, half-written ones for instance, change
/// nothing, and are told of.
/// </summary>
/// <remarks>
/// <see cref="Renew"/> is for the loop alone; handshakes are made, with what was read last, on any thread. One read is
/// under way at a time, and who connects meanwhile waits for it, but no longer than <see cref="Patience"/>.
/// </remarks>
internal sealed class CertificateWatch : IQuicTlsFactory
{
    /// <summary>How long what was read is used at least.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>How long a handshake waits for the files; then it goes on with those of before.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly object _gate = new();
    private readonly Func<QuicTlsOptions> _read;
    private readonly Func<QuicTlsOptions, IQuicTlsFactory> _prepare;
    private readonly TimeProvider _time;
    private readonly ICertificateReport _report;
    private Task _reading = Task.CompletedTask;
    private Task _renewal = Task.CompletedTask;
    private long _readAt;
    private IQuicTlsFactory _current;
    private byte[] _digest;
    private string? _fault;
    private ExceptionDispatchInfo? _defect;
    private bool _isDisposed;

    /// <summary>Reads the files for the first time, on the caller's thread.</summary>
    /// <param name="read">Reads the files; may block.</param>
    /// <param name="prepare">Makes handshakes of what was read.</param>
    /// <param name="time">The clock.</param>
    /// <param name="report">What is told, on any thread.</param>
    /// <exception cref="TlsConfigurationException">A file's content can't be used.</exception>
    /// <exception cref="IOException">A file can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    public CertificateWatch(
        Func<QuicTlsOptions> read,
        Func<QuicTlsOptions, IQuicTlsFactory> prepare,
        TimeProvider time,
        ICertificateReport report)
    {
        (_read, _prepare, _time, _report) = (read, prepare, time, report);
        _readAt = time.GetTimestamp();
        var options = read();
        (_current, _digest) = (prepare(options), Digest(options));
    }

    /// <summary>
    /// Has the files read again if it is time. The task ends, and never fails, when handshakes may be made: at once
    /// when what was read is new enough.
    /// </summary>
    public Task Renew()
    {
        if (_reading.IsCompleted && _time.GetElapsedTime(_readAt) >= Interval)
        {
            _readAt = _time.GetTimestamp();
            _reading = Task.Run(ReadAgain);
            _renewal = AwaitAsync(_reading);
        }
        return _renewal;
    }

    public IQuicTls CreateClient(string serverName, ReadOnlySpan<byte> session, bool offersEarlyData) =>
        throw new NotSupportedException("Renewed certificates are a server's; a client reads its own for each dial.");

    /// <summary>Promises a handshake, which is made with its first message: the files may be being read.</summary>
    public IQuicTls CreateServer(ReadOnlySpan<byte> ticketContext, bool acceptsEarlyData)
    {
        var context = ticketContext.ToArray();
        return new LateTls(() => Create(context, acceptsEarlyData));
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true; // A read that is under way throws away what it makes.
            _current.Dispose();
        }
    }

    private IQuicTls Create(byte[] ticketContext, bool acceptsEarlyData)
    {
        lock (_gate)
        {
            _defect?.Throw();
            return _current.CreateServer(ticketContext, acceptsEarlyData);
        }
    }

    private async Task AwaitAsync(Task reading)
    {
        var patience = Task.Delay(Patience, _time);
        if (await Task.WhenAny(reading, patience).ConfigureAwait(false) != reading)
        {
            Tell($"Reading them takes longer than {Patience.TotalSeconds} s.");
        }
    }

    private void ReadAgain()
    {
        try
        {
            var options = _read();
            var digest = Digest(options);
            if (!digest.AsSpan().SequenceEqual(_digest))
            {
                Publish(_prepare(options), digest);
            }
            Tell(fault: null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or TlsConfigurationException)
        {
            Tell(e.Message);
        }
        catch (Exception e)
        {
            // A defect of ours: it ends the loop, like all others, by way of the next handshake.
            lock (_gate)
            {
                _defect = ExceptionDispatchInfo.Capture(e);
            }
        }
    }

    private void Publish(IQuicTlsFactory renewed, byte[] digest)
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                renewed.Dispose();
                return;
            }
            _current.Dispose(); // Its handshakes go on without it.
            (_current, _digest) = (renewed, digest);
        }
        _report.Renewed();
    }

    // The same fault is told once.
    private void Tell(string? fault)
    {
        string? before;
        lock (_gate)
        {
            (before, _fault) = (_fault, fault);
        }
        if (fault is not null && fault != before)
        {
            _report.Unusable(fault);
        }
    }

    private static byte[] Digest(QuicTlsOptions options) => SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(
        '\0',
        options.TrustedCertificatesPem,
        options.CertificateChainPem,
        options.PrivateKeyPem,
        options.RevocationListsPem)));
}
