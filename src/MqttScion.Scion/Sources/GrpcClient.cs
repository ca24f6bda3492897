using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;

namespace MqttScion.Scion;

/// <summary>Makes unary gRPC calls over HTTP/2, without TLS when the address is <c>http</c>.</summary>
internal sealed class GrpcClient : IDisposable
{
    private const string MediaType = "application/grpc";

    /// <summary>Before each message: a byte that tells whether it is compressed, and its length.</summary>
    private const int PrefixLength = 5;

    private readonly LookupHttp _http;
    private readonly string _timeout;

    /// <param name="peer">Who is asked, as messages name it: "The SCION daemon".</param>
    /// <param name="timeout">The longest time for one call.</param>
    /// <param name="maxAnswerBytes">The largest answer taken.</param>
    /// <param name="time">The clock of the timeout.</param>
    /// <param name="handler">The transport, disposed with this; null for direct connections.</param>
    public GrpcClient(
        string peer, TimeSpan timeout, int maxAnswerBytes, TimeProvider time, HttpMessageHandler? handler)
    {
        _http = new LookupHttp(peer, timeout, maxAnswerBytes, time, handler);

        // At most eight digits are allowed: a day in milliseconds.
        var milliseconds = Math.Clamp(timeout.TotalMilliseconds, 1, 86_400_000);
        _timeout = ((long)milliseconds).ToString(CultureInfo.InvariantCulture) + "m";
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    /// <summary>The exception for what a procedure answered.</summary>
    public PathLookupException Fault(Uri server, string procedure, string what, string? code = null) =>
        _http.Fault(UrlOf(server, procedure), what, code);

    /// <summary>Calls a procedure such as <c>proto.daemon.v1.DaemonService/Paths</c>.</summary>
    /// <exception cref="PathLookupException">No answer, an error answer, or one that can't be used.</exception>
    public async Task<TAnswer> CallAsync<TAnswer>(
        Uri server,
        string procedure,
        IMessage message,
        MessageParser<TAnswer> parser,
        CancellationToken cancellationToken)
        where TAnswer : IMessage<TAnswer>
    {
        var url = UrlOf(server, procedure);
        using var request = new HttpRequestMessage(HttpMethod.Post, url)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(Frame(message)),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(MediaType);
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        request.Headers.Add("grpc-timeout", _timeout);
        request.Headers.Add("grpc-accept-encoding", "identity");

        var answer = await _http.SendAsync(request, MediaType, cancellationToken).ConfigureAwait(false);
        CheckStatus(url, answer);
        var body = MessageOf(url, answer.Body);
        try
        {
            return parser.ParseFrom(body.Span);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw _http.Fault(url, $"gave an answer that is not valid protobuf: {e.Message}", inner: e);
        }
    }

    private static Uri UrlOf(Uri server, string procedure) =>
        new($"{server.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped)}/{procedure}");

    private static byte[] Frame(IMessage message)
    {
        var frame = new byte[PrefixLength + message.CalculateSize()];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), frame.Length - PrefixLength);
        message.WriteTo(frame.AsSpan(PrefixLength));
        return frame;
    }

    private void CheckStatus(Uri url, LookupAnswer answer)
    {
        // After a body the status is in the trailers; an answer without one has it among the headers.
        if (!GrpcStatus.TryRead(answer.Trailers, out var status) && !GrpcStatus.TryRead(answer.Headers, out status))
        {
            throw answer.IsSuccess
                ? _http.Fault(url, "ended its answer without a gRPC status.")
                : _http.Fault(
                    url,
                    $"refused with HTTP {(int)answer.Status} and no gRPC status. Does it speak gRPC?",
                    GrpcStatus.CodeOf(answer.Status));
        }
        if (status.Number != 0)
        {
            var text = status.Message.Length > 0 ? $": {status.Message}" : ".";
            throw _http.Fault(url, $"refused with {status.Code} (gRPC {status.Number}){text}", status.Code);
        }
    }

    /// <summary>The one message in a body.</summary>
    private ReadOnlyMemory<byte> MessageOf(Uri url, ReadOnlyMemory<byte> body)
    {
        if (body.Length < PrefixLength)
        {
            throw _http.Fault(
                url, $"answered with {body.Length} bytes; expected one message after {PrefixLength} bytes.");
        }
        if (body.Span[0] != 0)
        {
            throw _http.Fault(url, "answered with a compressed message, which was not offered.");
        }
        var length = BinaryPrimitives.ReadUInt32BigEndian(body.Span[1..]);
        var came = body.Length - PrefixLength;
        return length == came
            ? body[PrefixLength..]
            : throw _http.Fault(
                url, $"announced one message of {length} bytes and sent {came} bytes; expected exactly one message.");
    }
}
