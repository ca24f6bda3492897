using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace MqttScion.Proxy;

/// <summary>
/// Carries one session's bytes to a TCP connection with the broker and back. Nothing is decoded, dropped or cut short:
/// either side's slowness fills the session's pipe, and that becomes the other side's back-pressure.
/// </summary>
internal sealed class BrokerLink(DnsEndPoint broker, ProxyOptions options, TimeProvider time, ILogger log)
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
        finally
        {
            await session.DisposeAsync().ConfigureAwait(false);
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
        ProxyLog.BrokerConnected(log, session.Client, socket.LocalEndPoint);
        using var stuck = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        var up = SendAsync(session, socket, stuck);
        var down = ReceiveAsync(session, socket);
        var limit = LimitAfterClientAsync(session, stuck);
        var ended = await EndAsync(session, socket, up, down).ConfigureAwait(false);
        await limit.ConfigureAwait(false);
        return ended;
    }

    private async Task<SessionEnded> EndAsync(
        ProxySession session,
        Socket socket,
        Task<(SessionEndCause Cause, string Detail)> up,
        Task<string> down)
    {
        var first = await Task.WhenAny(up, down).ConfigureAwait(false);
        if (first == up && (await up.ConfigureAwait(false)).Cause == SessionEndCause.ClientGone)
        {
            return await EndAfterClientAsync(session, socket, up, down).ConfigureAwait(false);
        }
        return await EndAfterBrokerAsync(session, socket, up, down).ConfigureAwait(false);
    }

    // The client is done: the broker has all of it, and gets a while to say its last word and close.
    private async Task<SessionEnded> EndAfterClientAsync(
        ProxySession session,
        Socket socket,
        Task<(SessionEndCause Cause, string Detail)> up,
        Task<string> down)
    {
        var (_, detail) = await up.ConfigureAwait(false);
        await Task.WhenAny(down, DelayAsync()).ConfigureAwait(false);
        socket.Close();
        // A client that does not read keeps the flush waiting, whatever becomes of the socket.
        session.Output.CancelPendingFlush();
        await down.ConfigureAwait(false);
        await EndPipesAsync(session).ConfigureAwait(false);
        var ended = session.Ended.IsCompleted ? (await session.Ended.ConfigureAwait(false)).Message : detail;
        await CloseWhenDeliveredAsync(session).ConfigureAwait(false);
        return new SessionEnded(session.Client, SessionEndCause.ClientGone, ended);
    }

    // The broker is done: the client gets all of it before the connection closes.
    private async Task<SessionEnded> EndAfterBrokerAsync(
        ProxySession session,
        Socket socket,
        Task<(SessionEndCause Cause, string Detail)> up,
        Task<string> down)
    {
        var detail = await down.ConfigureAwait(false);
        await session.Output.CompleteAsync().ConfigureAwait(false);
        await CloseWhenDeliveredAsync(session).ConfigureAwait(false);
        socket.Close();
        await up.ConfigureAwait(false);
        await EndPipesAsync(session).ConfigureAwait(false);
        // A broker closes as soon as a client has said goodbye, mostly before the client does.
        return session.HasSaidGoodbye
            ? new SessionEnded(session.Client, SessionEndCause.ClientGone, "the client has disconnected")
            : new SessionEnded(session.Client, SessionEndCause.BrokerGone, detail);
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

    private ValueTask CloseWhenDeliveredAsync(ProxySession session) => session.CloseWhenDeliveredAsync(
        ProxyErrorCodes.BrokerConnectionLost, "the broker closed the connection", options.DrainTimeout);

    private Task DelayAsync() => Task.Delay(options.DrainTimeout, time);

    // Once the client is gone, its last bytes may take the broker as long as it gets on with them.
    private async Task LimitAfterClientAsync(ProxySession session, CancellationTokenSource stuck)
    {
        await session.Ended.ConfigureAwait(false);
        stuck.CancelAfter(options.DrainTimeout);
    }

    private async Task<(SessionEndCause Cause, string Detail)> SendAsync(
        ProxySession session,
        Socket socket,
        CancellationTokenSource stuck)
    {
        try
        {
            while (true)
            {
                var result = await session.Input.ReadAsync().ConfigureAwait(false);
                foreach (var segment in result.Buffer)
                {
                    session.OnSent(segment.Span);
                    ProxyLog.BytesSent(log, session.Client, segment.Length);
                    for (var rest = segment; rest.Length > 0;)
                    {
                        rest = rest[await socket.SendAsync(rest, stuck.Token).ConfigureAwait(false)..];
                        if (session.Ended.IsCompleted)
                        {
                            stuck.CancelAfter(options.DrainTimeout);
                        }
                    }
                }
                session.Input.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                {
                    socket.Shutdown(SocketShutdown.Send);
                    return (SessionEndCause.ClientGone, "the client closed the stream");
                }
            }
        }
        catch (SocketException e)
        {
            return (SessionEndCause.BrokerGone, $"sending to the broker failed: {e.Message}");
        }
        catch (QuicStreamAbortedException e)
        {
            // The broker learns of the end as of any other without DISCONNECT.
            EndOurSide(socket);
            return (SessionEndCause.ClientGone, e.Message);
        }
        catch (ObjectDisposedException)
        {
            return (SessionEndCause.BrokerGone, "the broker connection was closed here");
        }
        catch (OperationCanceledException)
        {
            var patience = $"{options.DrainTimeout.TotalSeconds:0.#} s";
            return (SessionEndCause.ClientGone, $"the broker took none of the client's last bytes for {patience}");
        }
    }

    private static void EndOurSide(Socket socket)
    {
        try
        {
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The broker's side has ended as well, which the other direction tells.
        }
    }

    private async Task<string> ReceiveAsync(ProxySession session, Socket socket)
    {
        var output = session.Output;
        try
        {
            var isClientGone = false;
            while (true)
            {
                // Waits without a buffer: most sessions are idle most of the time.
                await socket.ReceiveAsync(Memory<byte>.Empty).ConfigureAwait(false);
                var count = await socket.ReceiveAsync(output.GetMemory(ReceiveBytes)).ConfigureAwait(false);
                if (count == 0)
                {
                    return "the broker closed the connection";
                }
                ProxyLog.BytesReceived(log, session.Client, count);
                session.OnReceived(count);
                // What comes for a client that is gone is read all the same: a socket that is closed on unread bytes
                // resets the connection, and the broker loses what the client had sent last.
                if (!isClientGone)
                {
                    output.Advance(count);
                    isClientGone = await IsGoneAfterFlushAsync(output).ConfigureAwait(false);
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
    }

    private static async Task<bool> IsGoneAfterFlushAsync(PipeWriter output)
    {
        try
        {
            var flush = await output.FlushAsync().ConfigureAwait(false);
            return flush.IsCompleted || flush.IsCanceled;
        }
        catch (Exception e) when (e is TransportException or ObjectDisposedException)
        {
            return true; // Why the client is gone, its session tells.
        }
    }

    private static async Task EndPipesAsync(ProxySession session)
    {
        await session.Input.CompleteAsync().ConfigureAwait(false);
        await session.Output.CompleteAsync().ConfigureAwait(false);
    }
}
