using System.Diagnostics;

namespace MqttScion.Mqtt;

/// <summary>The control stream of a connection and its data streams, which share the server's Receive Maximum.
/// </summary>
/// <remarks>[MQTT-3.3.4-7] counts the publishes of a network connection, whatever their streams. What an answer on one
/// stream frees goes to the streams in turn, so that none of them keeps it all.</remarks>
internal sealed class MqttStreamGroup(MqttSession control)
{
    private readonly List<MqttSession> _members = [control];
    private int _turn;

    /// <summary>How many publishes use up the server's Receive Maximum.</summary>
    public int SentPublishCount
    {
        get
        {
            var count = 0;
            foreach (var member in _members)
            {
                count += member.InflightCount;
            }
            return count;
        }
    }

    public void Add(MqttSession stream) => _members.Add(stream);

    /// <summary>A data stream ended: what it had in flight counts no more.</summary>
    public void Remove(MqttSession stream, TimeSpan now)
    {
        _members.Remove(stream);
        SendWaiting(now);
    }

    /// <summary>Sends what waits, one publish of each stream in turn.</summary>
    public void SendWaiting(TimeSpan now)
    {
        for (var idle = 0; idle < _members.Count; idle++)
        {
            _turn = (_turn + 1) % _members.Count;
            if (_members[_turn].TrySendNext(now))
            {
                idle = -1;
            }
        }
    }

    /// <summary>The control stream ended, and the data streams with it.</summary>
    public void End(string reason)
    {
        var streams = _members.ToArray();
        Debug.Assert(streams is [] || streams[0] == control, "The control stream was the first.");
        _members.Clear();
        foreach (var stream in streams)
        {
            stream.OnTransportClosed(reason);
        }
    }
}
