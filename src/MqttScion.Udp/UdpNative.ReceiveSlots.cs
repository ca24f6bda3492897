using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MqttScion.Udp;

/// <content>Receiving many datagrams a call.</content>
internal static unsafe partial class UdpNative
{
    /// <summary>The native headers of a batch, written once: a call costs only what it receives.</summary>
    internal sealed class ReceiveSlots
    {
        private const int NameBytes = (UdpAddress.MaxSockAddrLength + 7) & ~7;
        private const int SlotBytes = 64 + 16 + ReceiveControlBytes + NameBytes;

        private readonly UdpReceiveBatch _batch;
        private readonly byte[] _storage; // Pinned, and so are the batch's bytes: the pointers into them stay good.
        private readonly ManyHeader* _headers;

        internal ReceiveSlots(UdpReceiveBatch batch)
        {
            _batch = batch;
            var count = batch.SlotCount;
            _storage = GC.AllocateArray<byte>(count * SlotBytes, pinned: true);
            _headers = (ManyHeader*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_storage));
            var vectors = (IoVector*)(_headers + count);
            var controls = (byte*)(vectors + count);
            var names = controls + count * ReceiveControlBytes;
            for (var i = 0; i < count; i++)
            {
                vectors[i].Base = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(batch.Room(i)));
                vectors[i].Length = (nuint)batch.SlotBytes;
                _headers[i].Header.Vectors = &vectors[i];
                _headers[i].Header.VectorCount = 1;
                _headers[i].Header.Control = controls + i * ReceiveControlBytes;
                _headers[i].Header.Name = names + i * NameBytes;
                Reset(ref _headers[i].Header);
            }
        }

        /// <summary>Fills the batch, which must be empty, with what is waiting.</summary>
        /// <returns>The number of slots filled; or -1: nothing is there; or -2: an earlier send failed, try again; or
        /// -3: the system has no such call.</returns>
        internal int Receive(SafeSocketHandle socket)
        {
            const int Nothing = -1;
            const int TryAgain = -2;
            const int NoSuchCall = -3;
            var received = ReceiveMmsg(socket, _headers, (uint)_batch.SlotCount, DontWait | Truncate, null);
            if (received < 0)
            {
                var error = Marshal.GetLastPInvokeError();
                return error is Again ? Nothing : IsMissingCall(error) ? NoSuchCall : TryAgain;
            }
            for (var i = 0; i < received; i++)
            {
                Fill(_batch, _headers[i]);
                Reset(ref _headers[i].Header);
            }
            GC.KeepAlive(_storage);
            return received;
        }

        private static void Reset(ref MessageHeader header) =>
            (header.NameLength, header.ControlLength) = (UdpAddress.MaxSockAddrLength, ReceiveControlBytes);

        private static void Fill(UdpReceiveBatch batch, in ManyHeader header)
        {
            var nameLength = (int)Math.Min(header.Header.NameLength, UdpAddress.MaxSockAddrLength);
            UdpAddress.TryReadSockAddr(new ReadOnlySpan<byte>(header.Header.Name, nameLength), out var sender);
            var (ecn, segmentSize) = (UdpEcn.NotEct, 0);
            var control = new ReadOnlySpan<byte>(
                header.Header.Control, (int)Math.Min(header.Header.ControlLength, ReceiveControlBytes));
            while (control.Length > ControlHeaderBytes)
            {
                var length = (int)Math.Min(MemoryMarshal.Read<nuint>(control), (nuint)control.Length);
                if (length <= ControlHeaderBytes)
                    break;
                var value = control[ControlHeaderBytes..length];
                switch (MemoryMarshal.Read<int>(control[8..]), MemoryMarshal.Read<int>(control[12..]))
                {
                    case (IpLevel, IpTrafficClass):
                        ecn = (UdpEcn)(value[0] & EcnMask); // One byte here, an int in IPv6.
                        break;
                    case (IPv6Level, IPv6TrafficClass) when value.Length >= sizeof(int):
                        ecn = (UdpEcn)(MemoryMarshal.Read<int>(value) & EcnMask);
                        break;
                    case (UdpLevel, UdpCoalesce) when value.Length >= sizeof(int):
                        segmentSize = Math.Max(MemoryMarshal.Read<int>(value), 0);
                        break;
                }
                control = control[Math.Min((length + 7) & ~7, control.Length)..];
            }
            batch.Fill((int)header.Length, sender, ecn, segmentSize);
        }
    }
}
