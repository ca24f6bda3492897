using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MqttScion.Udp;

/// <summary>Waits with <c>ppoll</c> and is woken by an <c>eventfd</c>.</summary>
internal sealed class NativeUdpPoller : IUdpPoller
{
    private readonly List<BatchedUdpSocket> _sockets = [];
    private UdpNative.PollDescriptor[] _descriptors; // The wake-up comes first.
    private readonly SafeFileHandle _wake = UdpNative.CreateEvent();

    internal NativeUdpPoller(BatchedUdpSocket[] sockets)
    {
        _descriptors = [DescriptorOf(_wake)];
        foreach (var socket in sockets)
            Add(socket);
    }

    public void Dispose() => _wake.Dispose();

    public void Add(BatchedUdpSocket socket)
    {
        _sockets.Add(socket);
        _descriptors = [.. _descriptors, DescriptorOf(socket.Socket.SafeHandle)];
    }

    public bool Wait(TimeSpan timeout, Span<bool> isReadable, out bool isWoken)
    {
        var held = 0;
        try
        {
            // Holding the handles keeps their numbers from being reused while the system looks at them.
            for (var isHeld = false; held < _sockets.Count; held++)
                _sockets[held].Socket.SafeHandle.DangerousAddRef(ref isHeld);
            var isReady = UdpNative.Poll(_descriptors, timeout);
            for (var i = 0; i < isReadable.Length; i++)
                isReadable[i] = isReady && _descriptors[i + 1].ReturnedEvents != 0;
            isWoken = isReady && _descriptors[0].ReturnedEvents != 0;
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

    private static UdpNative.PollDescriptor DescriptorOf(SafeHandle handle) =>
        new() { Descriptor = (int)handle.DangerousGetHandle(), Events = UdpNative.PollIn };
}
