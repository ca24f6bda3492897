using System.CommandLine;
using MqttScion.Quic;
using MqttScion.Testnet;

namespace MqttScion.QuicPerf;

/// <summary>The options that client and server share.</summary>
internal sealed class EndpointOptions
{
    private const int MaxOpenStreams = 4096;
    private const int LeastDatagramBytes = 1200;
    private const int MostDatagramBytes = 1472;

    private static readonly QuicOptions Defaults = new();

    private readonly Option<string> _pki = new("--pki")
    {
        Description = "Folder with certificates, as 'quicperf certs' writes them.",
        HelpName = "dir",
        Required = true,
    };

    private readonly Option<string> _alpn = new("--alpn")
    {
        Description = "Application protocol. Default: perf.",
        DefaultValueFactory = _ => "perf",
    };

    private readonly Option<long> _window = SizeOption.Create(
        "--window", "What the peer may send on a connection beyond what was read.", Defaults.ConnectionWindowBytes);

    private readonly Option<long> _streamWindow = SizeOption.Create(
        "--stream-window", "The same for each stream.", Defaults.StreamWindowBytes);

    private readonly Option<long> _sendBuffer = SizeOption.Create(
        "--send-buffer", "What a stream keeps until it is acknowledged.", Defaults.SendBufferBytes);

    private readonly Option<int> _maxDatagram = new("--max-datagram")
    {
        Description = $"Bytes of the largest UDP payload, {LeastDatagramBytes} to {MostDatagramBytes}. Default: 1452.",
        HelpName = "bytes",
        DefaultValueFactory = _ => 1452,
    };

    private readonly Option<string> _congestion = CreateCongestion();

    private readonly Option<bool> _noGso = new("--no-gso")
    {
        Description = "Send and receive one datagram a piece.",
    };

    private readonly ImpairmentOptions _impairment = new(hasRate: false);

    /// <summary>Which congestion control.</summary>
    public static Option<string> CreateCongestion()
    {
        var option = new Option<string>("--cc")
        {
            Description = "Congestion control. Default: cubic.",
            DefaultValueFactory = _ => "cubic",
        };
        return option.AcceptOnlyFromAmong("cubic", "newreno", "eagerreno");
    }

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])
            [_pki, _alpn, _window, _streamWindow, _sendBuffer, _maxDatagram, _congestion, _noGso])
            command.Options.Add(option);
        _impairment.AddTo(command);
    }

    /// <summary>How a loop uses its socket.</summary>
    public UdpLoopSettings ReadLoop(ParseResult parse) => new(
        Math.Clamp(parse.GetValue(_maxDatagram), LeastDatagramBytes, MostDatagramBytes),
        !parse.GetValue(_noGso),
        _impairment.Read(parse));

    /// <summary>The settings of the engine.</summary>
    public QuicOptions ReadQuic(ParseResult parse) => new()
    {
        ConnectionWindowBytes = parse.GetValue(_window),
        StreamWindowBytes = parse.GetValue(_streamWindow),
        SendBufferBytes = (int)Math.Min(parse.GetValue(_sendBuffer), int.MaxValue),
        MaxBidirectionalStreams = MaxOpenStreams,
        CongestionControl = Enum.Parse<QuicCongestionControl>(parse.GetValue(_congestion)!, ignoreCase: true),
    };

    /// <summary>The credentials of one side.</summary>
    public QuicTlsOptions ReadTls(ParseResult parse, bool isServer)
    {
        var folder = parse.GetValue(_pki)!;
        var names = new TestCertificateNames();
        return new QuicTlsOptions
        {
            TrustedCertificatesPem = File.ReadAllText(Path.Combine(folder, names.Ca)),
            CertificateChainPem = File.ReadAllText(Path.Combine(folder, isServer ? names.Server : names.Client)),
            PrivateKeyPem = File.ReadAllText(Path.Combine(folder, isServer ? names.ServerKey : names.ClientKey)),
            ApplicationProtocols = [parse.GetValue(_alpn)!],
        };
    }
}
