using System.Net.Sockets;
using System.Threading.Channels;
using MqttScion.Mqtt;

namespace MqttScion.Benchmarks;

/// <summary>The same MQTT engine over plain TCP: what SCION, QUIC and the proxy are compared with.</summary>
internal sealed class TcpLink : IMessageLink
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly MqttSession _session;
    private readonly Lock _gate = new();
    private readonly Dictionary<int, TaskCompletionSource> _pending = [];
    private readonly Dictionary<int, TaskCompletionSource<MqttClientPublishResult>> _published = [];
    private readonly Queue<(MqttApplicationMessage Message, TaskCompletionSource<MqttClientPublishResult> Done)>
        _waiting = new();
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly byte[] _output = new byte[256 * 1024];
    private Action<MqttApplicationMessage> _onMessage = _ => { };
    private Task _loops = Task.CompletedTask;

    private TcpLink(string clientId, int receiveMaximum) => _session = new MqttSession(new MqttSessionOptions
    {
        ClientId = clientId,
        ReceiveMaximum = (ushort)receiveMaximum,
        ReceiveMaximumTolerance = ushort.MaxValue,
        KeepAlivePeriod = TimeSpan.Zero,
    });

    public static async Task<IMessageLink> ConnectAsync(string host, int port, string clientId, int receiveMaximum)
    {
        var link = new TcpLink(clientId, receiveMaximum);
        await link._socket.ConnectAsync(host, port);
        lock (link._gate)
        {
            link._session.Connect(TimeSpan.Zero);
        }
        link._loops = Task.WhenAll(link.ReceiveAsync(), link.SendAsync());
        link._wake.Writer.TryWrite(true);
        await link._connected.Task;
        return link;
    }

    public Task SubscribeAsync(MqttTopicFilter filter, Action<MqttApplicationMessage> onMessage)
    {
        _onMessage = onMessage;
        return RunAsync(() => _session.Subscribe([filter], subscriptionIdentifier: null, TimeSpan.Zero));
    }

    public ValueTask<MqttClientPublishResult> PublishAsync(MqttApplicationMessage message)
    {
        var done = new TaskCompletionSource<MqttClientPublishResult>(
            TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _waiting.Enqueue((message, done));
        }
        _wake.Writer.TryWrite(true);
        return new ValueTask<MqttClientPublishResult>(done.Task);
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _wake.Writer.TryComplete();
        await _loops;
    }

    private Task RunAsync(Func<int> command)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _pending.Add(command(), done);
        }
        _wake.Writer.TryWrite(true);
        return done.Task;
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[64 * 1024];
        try
        {
            int count;
            while ((count = await _socket.ReceiveAsync(buffer)) > 0)
            {
                lock (_gate)
                {
                    _session.Receive(buffer.AsSpan(0, count), TimeSpan.Zero);
                    DrainEvents();
                }
                _wake.Writer.TryWrite(true);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The measurement is over: the link was disposed.
        }
    }

    private async Task SendAsync()
    {
        try
        {
            while (await _wake.Reader.WaitToReadAsync())
            {
                _wake.Reader.TryRead(out _);
                int count;
                while ((count = TakeOutput()) > 0)
                {
                    for (var sent = 0; sent < count;)
                    {
                        sent += await _socket.SendAsync(_output.AsMemory(sent, count - sent));
                    }
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The measurement is over: the link was disposed.
        }
    }

    private int TakeOutput()
    {
        lock (_gate)
        {
            while (_session.CanPublish && _session.PendingOutput.Length < _output.Length
                && _waiting.TryDequeue(out var next))
            {
                _published.Add(_session.Publish(next.Message, TimeSpan.Zero), next.Done);
                DrainEvents();
            }
            var count = Math.Min(_session.PendingOutput.Length, _output.Length);
            _session.PendingOutput[..count].CopyTo(_output);
            _session.ConsumeOutput(count);
            return count;
        }
    }

    private void DrainEvents()
    {
        while (_session.TryGetEvent(out var e))
        {
            switch (e.Kind)
            {
                case MqttEventKind.Connected:
                    _connected.TrySetResult();
                    break;
                case MqttEventKind.MessageReceived:
                    _onMessage(e.Message!);
                    if (e.PacketId != 0)
                    {
                        _session.Acknowledge(e.PacketId, MqttClientPublishReasonCode.Success, TimeSpan.Zero);
                    }
                    break;
                case MqttEventKind.PublishCompleted when _published.Remove(e.Token, out var published):
                    published.TrySetResult(e.PublishResult!);
                    break;
                case MqttEventKind.SubscribeCompleted when _pending.Remove(e.Token, out var done):
                    done.TrySetResult();
                    break;
            }
        }
    }
}
