namespace MqttScion.Udp;

/// <summary>How a <see cref="UdpPollSet"/> asks the system.</summary>
internal interface IUdpPoller : IDisposable
{
    void Add(BatchedUdpSocket socket);

    bool Wait(TimeSpan timeout, Span<bool> isReadable, out bool isWoken);

    void SetWake();

    void ClearWake();
}
