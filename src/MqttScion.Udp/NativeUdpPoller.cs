using Microsoft.Win32.SafeHandles;

namespace MqttScion.Udp;

/// <summary>Waits with <c>ppoll</c> and is woken by an <c>eventfd</c>.</summary>
internal sealed class NativeUdpPoller : IUdpPoller
{
    private readonly BatchedUdpSocket[] _sockets;
    private readonly UdpNative.PollDescriptor[] _descriptors;
    private readonly SafeFileHandle _wake = UdpNative.CreateEvent();

    internal NativeUdpPoller(BatchedUdpSocket[] sockets)
    {
        _sockets = sockets;
        _descriptors = new UdpNative.PollDescriptor[sockets.Length + 1];
        for (var i = 0; i < sockets.Length; i++)
            _descriptors[i].Descriptor = (int)sockets[i].Socket.SafeHandle.DangerousGetHandle();
        _descriptors[^1].Descriptor = (int)_wake.DangerousGetHandle();
        foreach (ref var descriptor in _descriptors.AsSpan())
            descriptor.Events = UdpNative.PollIn;
    }

    public void Dispose() => _wake.Dispose();

    public bool Wait(TimeSpan timeout, Span<bool> isReadable, out bool isWoken)
    {
        var held = 0;
        try
        {
            // Holding the handles keeps their numbers from being reused while the system looks at them.
            for (var isHeld = false; held < _sockets.Length; held++)
                _sockets[held].Socket.SafeHandle.DangerousAddRef(ref isHeld);
            var isReady = UdpNative.Poll(_descriptors, timeout);
            for (var i = 0; i < isReadable.Length; i++)
                isReadable[i] = isReady && _descriptors[i].ReturnedEvents != 0;
            isWoken = isReady && _descriptors[^1].ReturnedEvents != 0;
            return isReady;
        }
        finally
        {
            while (held > 0)
                _sockets[--held].Socket.SafeHandle.DangerousRelease();
        }
    }

    public void SetWake()
    {
        try
        {
            UdpNative.SetEvent(_wake);
        }
        catch (ObjectDisposedException)
        {
            // The loop has ended; there is nobody left to wake.
        }
    }

    public void ClearWake() => UdpNative.ResetEvent(_wake);
}
