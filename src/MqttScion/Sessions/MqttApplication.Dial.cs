using MqttScion.Mqtt;

namespace MqttScion;

/// <content>As the dialer sees it.</content>
internal sealed partial class MqttApplication
{
    Task IDialedApplication.Ready => Connected;

    void IConnectionApplication.Attach(LoopConnection connection, TimeSpan now) =>
        Attach(new QuicMqttTransport(connection), now);

    // A refused or failed session still owes the server its goodbye.
    Task IDialedApplication.AbandonAsync()
    {
        Disconnect(MqttDisconnectReasonCode.NormalDisconnection);
        return Ended;
    }
}
