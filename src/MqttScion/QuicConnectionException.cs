using MqttScion.Quic;
using MqttScion.Scion;

namespace MqttScion;

/// <summary>A QUIC connection failed, was refused or was lost.</summary>
public sealed class QuicConnectionException : Exception
{
    internal QuicConnectionException(ScionEndPoint? remote, QuicCloseReason reason)
        : base($"QUIC connection {(remote is null ? "" : $"to {remote} ")}ended: {QuicCloseText.Describe(reason)}") =>
        Close = reason;

    /// <summary>Who ended it, with which code and why.</summary>
    public QuicCloseReason Close { get; }
}
