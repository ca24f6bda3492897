using System.Buffers;
using System.IO.Pipelines;

namespace MqttScion.Cli;

/// <summary>The lines of a stream, without what ends them. A last one needs no end.</summary>
internal sealed class LineInput(Stream stream, int maxBytes)
{
    private readonly PipeReader _reader = PipeReader.Create(stream);

    /// <summary>The next line; null at the end of the stream.</summary>
    /// <exception cref="CommandException">It is longer than the bound.</exception>
    public async Task<byte[]?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            // A read of a console can't be cancelled: it is left alone, and the process ends without it.
            var read = await _reader.ReadAsync(cancellationToken).AsTask().WaitAsync(cancellationToken)
                .ConfigureAwait(false);
            var buffer = read.Buffer;
            var end = buffer.PositionOf((byte)'\n');
            if (end is null && !read.IsCompleted && buffer.Length <= maxBytes)
            {
                _reader.AdvanceTo(buffer.Start, buffer.End);
                continue;
            }
            var line = buffer.Slice(0, end ?? buffer.End);
            if (line.Length > maxBytes)
                throw new CommandException($"A line is longer than {maxBytes} bytes, the most that MQTT carries.");
            if (end is null && line.IsEmpty)
                return null;
            var bytes = line.ToArray();
            _reader.AdvanceTo(end is { } found ? buffer.GetPosition(1, found) : buffer.End);
            return bytes is [.. var text, (byte)'\r'] ? text : bytes;
        }
    }
}
