using System.Buffers.Binary;
using System.Globalization;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;

namespace MqttScion.Testnet;

/// <summary>Answers unary gRPC calls.</summary>
internal static class GrpcEndpoint
{
    /// <summary>The call has an argument that is not allowed.</summary>
    public const int InvalidArgument = 3;

    /// <summary>There is no such thing.</summary>
    public const int NotFound = 5;

    private const string MediaType = "application/grpc";
    private const int PrefixLength = 5;

    /// <summary>Reads the one message of a call and sends the one message that answers it.</summary>
    public static RequestDelegate Handle<TRequest>(MessageParser<TRequest> parser, Func<TRequest, IMessage> answer)
        where TRequest : IMessage<TRequest> => async context =>
    {
        var response = context.Response;
        if (context.Request.ContentType is not { } type || !type.StartsWith(MediaType, StringComparison.Ordinal))
        {
            response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return;
        }
        response.ContentType = MediaType;
        try
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted).ConfigureAwait(false);
            var reply = Frame(answer(parser.ParseFrom(MessageOf(body.ToArray()))));
            await response.Body.WriteAsync(reply, context.RequestAborted).ConfigureAwait(false);
            response.AppendTrailer("grpc-status", "0");
        }
        catch (GrpcFault fault)
        {
            Refuse(response, fault.Status, fault.Message);
        }
        catch (InvalidProtocolBufferException e)
        {
            Refuse(response, InvalidArgument, e.Message);
        }
    };

    /// <summary>Without a body, what tells the outcome stands among the headers.</summary>
    private static void Refuse(HttpResponse response, int status, string message)
    {
        response.Headers["grpc-status"] = status.ToString(CultureInfo.InvariantCulture);
        response.Headers["grpc-message"] = Uri.EscapeDataString(message);
    }

    private static byte[] MessageOf(byte[] body) =>
        body.Length >= PrefixLength
        && body[0] == 0
        && BinaryPrimitives.ReadUInt32BigEndian(body.AsSpan(1)) == body.Length - PrefixLength
            ? body[PrefixLength..]
            : throw new GrpcFault(InvalidArgument, "expected exactly one message, not compressed");

    private static byte[] Frame(IMessage message)
    {
        var frame = new byte[PrefixLength + message.CalculateSize()];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), frame.Length - PrefixLength);
        message.WriteTo(frame.AsSpan(PrefixLength));
        return frame;
    }
}

/// <summary>A call that is answered with an error.</summary>
internal sealed class GrpcFault(int status, string message) : Exception(message)
{
    /// <summary>The gRPC status.</summary>
    public int Status { get; } = status;
}
