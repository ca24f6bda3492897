namespace MqttScion.Quic.Tests;

/// <summary>Echoes on the server and pumps on the client, as applications do: by events.</summary>
internal static class Transfer
{
    /// <summary>Makes the server send back what it reads, and finish when the client does.</summary>
    public static void EchoOnServer(this QuicPair pair)
    {
        var pending = new Dictionary<long, Queue<byte[]>>();
        pair.OnEvent += (fromServer, item) =>
        {
            if (!fromServer || item.Kind is not (QuicEventKind.StreamReadable or QuicEventKind.StreamWritable) ||
                !pair.Server!.TryGetStream(item.StreamId, out var stream))
                return;
            if (!pending.TryGetValue(item.StreamId, out var queue))
                pending[item.StreamId] = queue = new Queue<byte[]>();
            var buffer = new byte[4096];
            while (queue.Count < 64 && stream.Read(buffer) is > 0 and var length)
                queue.Enqueue(buffer[..length]);
            Drain(stream, queue);
        };
    }

    /// <summary>Sends bytes on a new stream of the client and gives what comes back.</summary>
    public static byte[] Echo(this QuicPair pair, byte[] data, TimeSpan? limit = null)
    {
        pair.Client.TryOpenStream(true, out var stream).Should().BeTrue();
        var written = 0;
        var received = new MemoryStream();
        var buffer = new byte[8192];
        pair.RunUntil(
            () =>
            {
                written += stream!.Write(data.AsSpan(written));
                if (written == data.Length)
                    stream.Finish();
                while (stream.Read(buffer) is > 0 and var length)
                    received.Write(buffer, 0, length);
                pair.Flush();
                return stream.IsReadFinished || pair.Client.CloseReason is not null;
            },
            limit);
        return received.ToArray();
    }

    /// <summary>Sends zeros to the server on a new stream until all are acknowledged; false when time is up.</summary>
    public static bool Bulk(this QuicPair pair, int bytes, TimeSpan? limit = null)
    {
        pair.Client.TryOpenStream(true, out var stream).Should().BeTrue();
        var zeros = new byte[256 * 1024];
        var room = new byte[64 * 1024];
        var written = 0;
        return pair.RunUntil(
            () =>
            {
                var taken = stream!.Write(zeros.AsSpan(0, Math.Min(zeros.Length, bytes - written)));
                written += taken;
                if (pair.Server!.TryGetStream(stream.Id, out var received))
                {
                    while (received.Read(room) > 0)
                    {
                    }
                }

                if (taken > 0)
                    pair.Flush();
                return stream.AcknowledgedBytes == bytes;
            },
            limit);
    }

    public static byte[] RandomBytes(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static void Drain(QuicStream stream, Queue<byte[]> queue)
    {
        while (true)
        {
            while (queue.TryPeek(out var chunk))
            {
                var taken = stream.Write(chunk);
                if (taken < chunk.Length)
                {
                    queue.Dequeue();
                    var rest = new[] { chunk[taken..] }.Concat(queue).ToArray();
                    queue.Clear();
                    foreach (var item in rest)
                        queue.Enqueue(item);
                    return;
                }

                queue.Dequeue();
            }

            var buffer = new byte[4096];
            var length = stream.Read(buffer);
            if (length == 0)
                break;
            queue.Enqueue(buffer[..length]);
        }

        if (stream.IsReadFinished)
            stream.Finish();
    }
}
