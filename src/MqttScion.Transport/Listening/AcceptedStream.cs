using System.IO.Pipelines;

namespace MqttScion.Transport;

/// <summary>A bidirectional stream that a client of a <see cref="QuicListener"/> opened.</summary>
/// <param name="Connection">Its connection, the same object for all its streams.</param>
/// <param name="Id">The stream's id; 0 for the first.</param>
/// <param name="Pipe">Its bytes. Whoever serves it completes both ends.</param>
internal sealed record AcceptedStream(PipeApplication Connection, long Id, IDuplexPipe Pipe);
