using System.Text;
using MqttScion.Quic;

namespace MqttScion.QuicPerf;

/// <summary>The server's program: a <see cref="ServerStream"/> for each stream that a client opens.</summary>
internal sealed class PerfServer(TextWriter output) : ILoopProgram
{
    /// <inheritdoc/>
    public TimeSpan? NextTime => null;

    /// <inheritdoc/>
    public void OnAccepted(LoopConnection connection) => connection.Program = new Dictionary<long, ServerStream>();

    /// <inheritdoc/>
    public void OnEvent(LoopConnection connection, in QuicEvent item, TimeSpan now)
    {
        var streams = (Dictionary<long, ServerStream>)connection.Program!;
        switch (item.Kind)
        {
            case QuicEventKind.StreamOpened when connection.Quic.TryGetStream(item.StreamId, out var opened):
                streams.Add(item.StreamId, new ServerStream(opened));
                break;
            case QuicEventKind.StreamReadable or QuicEventKind.StreamWritable:
                if (!streams.TryGetValue(item.StreamId, out var stream))
                    break;
                stream.Pump();
                if (stream.IsDone)
                    streams.Remove(item.StreamId);
                break;
            case QuicEventKind.StreamReset or QuicEventKind.StreamStopped:
                if (streams.Remove(item.StreamId, out var cut))
                    cut.Abandon(item.ErrorCode);
                break;
            case QuicEventKind.Drained:
                output.WriteLine(Encoding.UTF8.GetString(Figures.ToJson(
                    ConnectionReport.Of(connection.Quic))));
                break;
        }
    }

    /// <inheritdoc/>
    public void OnTime(TimeSpan now)
    {
    }
}
