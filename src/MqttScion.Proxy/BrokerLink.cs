using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;

namespace MqttScion.Proxy;

/// <summary>
/// Carries one session's bytes to a TCP connection with the broker and back. Nothing is decoded, dropped or cut short:
/// either side's slowness fills the session's pipe, and that becomes the other side's back-pressure.
/// </summary>
internal sealed class BrokerLink(DnsEndPoint broker, ProxyOptions options, TimeProvider time)
{
    private const int ReceiveBytes = 16 * 1024;

    /// <summary>Runs one session from its first byte to its end; never fails.</summary>
    public async Task<SessionEnded> RunAsync(ProxySession session)
    {
        try
        {
            return await BridgeAsync(session).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // Such as no socket left in the process: it costs this session, not the others.
            session.Close(ProxyErrorCodes.BrokerUnreachable, "cannot reach the broker");
            await EndPipesAsync(session).ConfigureAwait(false);
            return new SessionEnded(session.Client, SessionEndCause.BrokerUnreachable, e.Message);
        }
    }

    private async Task<SessionEnded> BridgeAsync(ProxySession session)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (await ConnectAsync(socket).ConfigureAwait(false) is { } problem)
        {
            session.Close(ProxyErrorCodes.BrokerUnreachable, $"cannot reach the broker: {problem}");
            await EndPipesAsync(session).ConfigureAwait(false);
            return new SessionEnded(
                session.Client, SessionEndCause.BrokerUnreachable, $"{broker.Host}:{broker.Port}: {problem}");
        }
        var up = SendAsync(session.Input, socket);
        var down = ReceiveAsync(socket, session.Output);
        if (await Task.WhenAny(up, down).ConfigureAwait(false) == up)
        {
            return await EndAfterClientAsync(session, socket, up, down).ConfigureAwait(false);
        }
        return await EndAfterBrokerAsync(session, socket, up, down).ConfigureAwait(false);
    }

    // The client is done: the broker has all of it, and gets a while to say its last word and close.
    private async Task<SessionEnded> EndAfterClientAsync(
        ProxySession session,
        Socket socket,
        Task<string> up,
        Task<string> down)
    {
        var detail = await up.ConfigureAwait(false);
        await Task.WhenAny(down, DelayAsync()).ConfigureAwait(false);
        socket.Close();
        // A client that does not read keeps the flush waiting, whatever becomes of the socket.
        session.Output.CancelPendingFlush();
        await down.ConfigureAwait(false);
        await EndPipesAsync(session).ConfigureAwait(false);
        CloseWhenDelivered(session);
        var ended = session.Ended.IsCompleted ? (await session.Ended.ConfigureAwait(false)).Message : detail;
        return new SessionEnded(session.Client, SessionEndCause.ClientGone, ended);
    }

    // The broker is done: the client gets all of it before the connection closes.
    private async Task<SessionEnded> EndAfterBrokerAsync(
        ProxySession session,
        Socket socket,
        Task<string> up,
        Task<string> down)
    {
        var detail = await down.ConfigureAwait(false);
        await session.Output.CompleteAsync().ConfigureAwait(false);
        CloseWhenDelivered(session);
        await session.Ended.ConfigureAwait(false);
        socket.Close();
        await up.ConfigureAwait(false);
        await EndPipesAsync(session).ConfigureAwait(false);
        return new SessionEnded(session.Client, SessionEndCause.BrokerGone, detail);
    }

    private async Task<string?> ConnectAsync(Socket socket)
    {
        using var timeout = new CancellationTokenSource(options.BrokerConnectTimeout, time);
        try
        {
            await socket.ConnectAsync(broker, timeout.Token).ConfigureAwait(false);
            return null;
        }
        catch (SocketException e)
        {
            return e.Message;
        }
        catch (OperationCanceledException)
        {
            return $"no answer within {options.BrokerConnectTimeout.TotalSeconds:0.#} s";
        }
    }

    private void CloseWhenDelivered(ProxySession session) => session.CloseWhenDelivered(
        ProxyErrorCodes.BrokerConnectionLost, "the broker closed the connection", options.DrainTimeout);

    private Task DelayAsync() => Task.Delay(options.DrainTimeout, time);

    private static async Task<string> SendAsync(PipeReader input, Socket socket)
    {
        try
        {
            while (true)
            {
                var result = await input.ReadAsync().ConfigureAwait(false);
                foreach (var segment in result.Buffer)
                {
                    for (var rest = segment; rest.Length > 0;)
                    {
                        rest = rest[await socket.SendAsync(rest).ConfigureAwait(false)..];
                    }
                }
                input.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                {
                    socket.Shutdown(SocketShutdown.Send);
                    return "the client closed the stream";
                }
            }
        }
        catch (SocketException e)
        {
            return $"sending to the broker failed: {e.Message}";
        }
        catch (ObjectDisposedException)
        {
            return "the broker connection was closed here";
        }
    }

    private static async Task<string> ReceiveAsync(Socket socket, PipeWriter output)
    {
        try
        {
            while (true)
            {
                var count = await socket.ReceiveAsync(output.GetMemory(ReceiveBytes)).ConfigureAwait(false);
                if (count == 0)
                {
                    return "the broker closed the connection";
                }
                output.Advance(count);
                var flush = await output.FlushAsync().ConfigureAwait(false);
                if (flush.IsCompleted)
                {
                    return "the client's connection is gone";
                }
                if (flush.IsCanceled)
                {
                    return "the client did not take what the broker sent";
                }
            }
        }
        catch (SocketException e)
        {
            return $"receiving from the broker failed: {e.Message}";
        }
        catch (ObjectDisposedException)
        {
            return "the broker connection was closed here";
        }
        catch (QuicConnectionException e)
        {
            return e.Message;
        }
    }

    private static async Task EndPipesAsync(ProxySession session)
    {
        await session.Input.CompleteAsync().ConfigureAwait(false);
        await session.Output.CompleteAsync().ConfigureAwait(false);
    }
}
