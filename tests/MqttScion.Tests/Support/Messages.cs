using System.Text;
using System.Threading.Channels;
using MqttScion.Mqtt;

namespace MqttScion.Tests.Support;

/// <summary>Short names for what tests say and see.</summary>
internal static class Messages
{
    public static MqttApplicationMessage Of(string topic, string payload = "", int qos = 0, uint? expiry = null) =>
        new()
        {
            Topic = topic,
            Payload = Encoding.UTF8.GetBytes(payload),
            QualityOfServiceLevel = (MqttQualityOfServiceLevel)qos,
            MessageExpiryInterval = expiry,
        };

    public static MqttTopicFilter Filter(string topic, int qos) =>
        new() { Topic = topic, QualityOfServiceLevel = (MqttQualityOfServiceLevel)qos };

    /// <summary>What a stream gives, to be read one by one.</summary>
    public static ChannelReader<T> Collect<T>(this IObservable<T> source)
    {
        var channel = Channel.CreateUnbounded<T>();
        source.Subscribe(
            value => channel.Writer.TryWrite(value),
            error => channel.Writer.TryComplete(error),
            () => channel.Writer.TryComplete());
        return channel.Reader;
    }

    public static async Task<T> NextAsync<T>(this ChannelReader<T> reader) =>
        await reader.ReadAsync().AsTask().WaitAsync(ScriptedConnection.Patience);

    /// <summary>Reads on until a value fits.</summary>
    public static async Task<TWanted> NextAsync<T, TWanted>(this ChannelReader<T> reader)
        where TWanted : T
    {
        while (true)
        {
            if (await reader.NextAsync() is TWanted wanted)
            {
                return wanted;
            }
        }
    }
}
