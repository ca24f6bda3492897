using MqttScion.Quic;
using MqttScion.Scion.Tests;

namespace MqttScion.Transport.Tests;

public sealed class CertificateWatchTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private readonly VirtualClock _clock = new();
    private readonly ManualResetEventSlim _fileSystem = new(initialState: true);
    private readonly Report _report = new();
    private readonly List<Factory> _made = [];
    private readonly CertificateWatch _watch;
    private string _file = "first";
    private int _readCount;

    public CertificateWatchTests() => _watch = new CertificateWatch(Read, Prepare, _clock, _report);

    public void Dispose()
    {
        _fileSystem.Set();
        _watch.Dispose();
        _fileSystem.Dispose();
    }

    [Fact]
    public async Task Renew_reads_the_files_once_a_second_at_most()
    {
        await _watch.Renew().WaitAsync(Limit);
        _readCount.Should().Be(1, "they were read at the start");

        _clock.Advance(CertificateWatch.Interval);
        await _watch.Renew().WaitAsync(Limit);
        await _watch.Renew().WaitAsync(Limit);

        _readCount.Should().Be(2);
        _made.Should().ContainSingle("nothing has changed");
    }

    [Fact]
    public async Task Renew_while_the_file_system_does_not_answer_returns_and_handshakes_after_it_are_of_the_new_files()
    {
        _fileSystem.Reset();
        _file = "second";
        _clock.Advance(CertificateWatch.Interval);

        var renewal = _watch.Renew();
        var other = _watch.Renew();
        var handshake = _watch.CreateServer([], acceptsEarlyData: false);
        renewal.IsCompleted.Should().BeFalse();
        other.Should().BeSameAs(renewal, "one read is under way");
        _fileSystem.Set();
        await renewal.WaitAsync(Limit);

        Begin(handshake);
        _made.Select(made => (made.File, made.Count, made.IsDisposed))
            .Should().Equal(("first", 0, true), ("second", 1, false));
        _report.Lines.Should().Equal("renewed");
    }

    [Fact]
    public async Task Read_that_hangs_holds_nobody_back_for_longer_than_patience_and_is_told_once()
    {
        _fileSystem.Reset();
        _file = "second";
        _clock.Advance(CertificateWatch.Interval);

        var renewal = _watch.Renew();
        _clock.Advance(CertificateWatch.Patience);
        await renewal.WaitAsync(Limit);
        _watch.Renew().IsCompleted.Should().BeTrue("who comes later does not wait for the same read again");

        Begin(_watch.CreateServer([], acceptsEarlyData: false));
        _made.Should().ContainSingle().Which.Count.Should().Be(1);
        _report.Lines.Should().ContainSingle().Which.Should().Contain("longer than");
    }

    [Fact]
    public async Task Files_that_cannot_be_used_change_nothing_and_are_told_once()
    {
        _file = "";
        for (var attempt = 0; attempt < 2; attempt++)
        {
            _clock.Advance(CertificateWatch.Interval);
            await _watch.Renew().WaitAsync(Limit);
        }

        Begin(_watch.CreateServer([], acceptsEarlyData: false));
        _made.Should().ContainSingle().Which.Count.Should().Be(1);
        _report.Lines.Should().ContainSingle().Which.Should().Contain("half-written");
    }

    [Fact]
    public async Task Defect_comes_out_with_the_next_handshake()
    {
        _file = "defect";
        _clock.Advance(CertificateWatch.Interval);
        await _watch.Renew().WaitAsync(Limit);

        var act = () => Begin(_watch.CreateServer([], acceptsEarlyData: false));

        act.Should().Throw<TimeZoneNotFoundException>();
    }

    [Fact]
    public async Task Dispose_under_a_read_throws_away_what_it_makes()
    {
        _fileSystem.Reset();
        _file = "second";
        _clock.Advance(CertificateWatch.Interval);
        var renewal = _watch.Renew();

        _watch.Dispose();
        _fileSystem.Set();
        await renewal.WaitAsync(Limit);

        _made.Should().HaveCount(2).And.OnlyContain(made => made.IsDisposed);
    }

    private static void Begin(IQuicTls handshake)
    {
        handshake.TryStart([1]).Should().BeTrue();
        handshake.TryReadHandshake(EncryptionLevel.Initial, [1]).Should().BeTrue();
    }

    private QuicTlsOptions Read()
    {
        _fileSystem.Wait(Limit).Should().BeTrue("the test lets the file system answer");
        Interlocked.Increment(ref _readCount);
        return new QuicTlsOptions { CertificateChainPem = _file };
    }

    private Factory Prepare(QuicTlsOptions options)
    {
        var made = options.CertificateChainPem switch
        {
            "" => throw new TlsConfigurationException(nameof(options.CertificateChainPem), "is half-written"),
            "defect" => throw new TimeZoneNotFoundException("a defect"),
            var file => new Factory(file!),
        };
        _made.Add(made);
        return made;
    }

    private sealed class Factory(string file) : IQuicTlsFactory
    {
        public string File => file;

        public int Count { get; private set; }

        public bool IsDisposed { get; private set; }

        public IQuicTls CreateClient(string serverName, ReadOnlySpan<byte> session, bool offersEarlyData) =>
            throw new NotSupportedException();

        public IQuicTls CreateServer(ReadOnlySpan<byte> ticketContext, bool acceptsEarlyData)
        {
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            Count++;
            return new GatedTls(new ManualResetEventSlim(initialState: true));
        }

        public void Dispose() => IsDisposed = true;
    }

    private sealed class Report : ICertificateReport
    {
        public List<string> Lines { get; } = [];

        public void Renewed() => Lines.Add("renewed");

        public void Unusable(string cause) => Lines.Add(cause);
    }
}
