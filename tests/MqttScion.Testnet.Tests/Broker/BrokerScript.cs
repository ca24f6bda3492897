using System.Globalization;
using System.Net;
using MqttScion.Mqtt;

namespace MqttScion.Testnet.Tests;

/// <summary>A scenario in lines of text: what clients say and what they hear, so that brokers can be
/// compared.</summary>
/// <remarks>
/// A line is a client, a verb and arguments; <c>name=value</c> arguments are options.
/// <code>
/// c connect clean=0 expiry=60 receive=2 alias=5 will=TOPIC=TEXT delay=10 willqos=1   (hears CONNACK)
/// c publish TOPIC=TEXT qos=1 id=7 retain dup rich
/// c subscribe FILTER qos=1 id=3 nolocal rap rh=2                                     (hears SUBACK)
/// c unsubscribe FILTER                                                               (hears UNSUBACK)
/// c puback|pubrec|pubrel|pubcomp ID [CODE]
/// c hex BYTES
/// c leave CODE expiry=0 | c vanish                                                   (hears the end)
/// c hear N | c end | c quiet                                   (end: skips what comes; quiet: only PINGRESP comes)
/// </code>
/// A client that connects again leaves its former connection to the name <c>NAME~before</c>.
/// </remarks>
internal sealed class BrokerScript(IPEndPoint endPoint) : IDisposable
{
    private readonly Dictionary<string, RawMqttClient> _clients = [];
    private readonly List<string> _heard = [];

    public static async Task<IReadOnlyList<string>> RunAsync(IPEndPoint endPoint, string script)
    {
        using var run = new BrokerScript(endPoint);
        foreach (var line in script.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            await run.RunLineAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        }
        return run._heard;
    }

    public void Dispose()
    {
        foreach (var client in _clients.Values)
        {
            client.Dispose();
        }
    }

    private async Task RunLineAsync(string[] words)
    {
        var (name, verb, arguments) = (words[0], words[1], words[2..]);
        if (verb == "connect")
        {
            _clients.GetValueOrDefault($"{name} before")?.Dispose();
            if (_clients.Remove(name, out var former))
            {
                _clients[$"{name} before"] = former;
            }
            _clients[name] = await RawMqttClient.OpenAsync(endPoint);
            await _clients[name].SayAsync(Connect(name, arguments));
            await HearAsync(name, 1);
            return;
        }
        var client = _clients[name.Replace('~', ' ')];
        switch (verb)
        {
            case "publish":
                await client.SayAsync(Publish(arguments));
                break;
            case "subscribe":
                await client.SayAsync(Subscribe(arguments));
                await HearAsync(name, 1);
                break;
            case "unsubscribe":
                await client.SayAsync(new MqttUnsubscribePacket(9, [arguments[0]]));
                await HearAsync(name, 1);
                break;
            case "puback" or "pubrec" or "pubrel" or "pubcomp":
                await client.AcknowledgeAsync(Enum.Parse<MqttPacketType>(verb, ignoreCase: true),
                    ushort.Parse(arguments[0], CultureInfo.InvariantCulture),
                    arguments.Length > 1 ? Convert.FromHexString(arguments[1])[0] : (byte)0);
                break;
            case "hex":
                await client.SayHexAsync(string.Concat(arguments));
                break;
            case "leave":
                await client.LeaveAsync(Convert.FromHexString(arguments[0])[0], Number(arguments, "expiry"));
                break;
            case "vanish":
                await client.VanishAsync();
                break;
            case "end":
                await client.HearEndAsync();
                break;
            case "hear":
                await HearAsync(name, int.Parse(arguments[0], CultureInfo.InvariantCulture));
                break;
            case "quiet":
                await client.SayAsync(MqttPacketType.PingReq);
                await HearAsync(name, 1);
                break;
            default:
                throw new ArgumentException($"'{verb}' is no verb.", nameof(words));
        }
    }

    private async Task HearAsync(string name, int count)
    {
        for (var i = 0; i < count; i++)
        {
            _heard.Add($"{name}: {await _clients[name.Replace('~', ' ')].HearLineAsync()}");
        }
    }

    private static MqttConnectPacket Connect(string name, string[] arguments)
    {
        var properties = new MqttProperties();
        void Add(MqttPropertyId id, string key)
        {
            if (Number(arguments, key) is { } number)
            {
                properties.Add(id, number);
            }
        }
        Add(MqttPropertyId.SessionExpiryInterval, "expiry");
        Add(MqttPropertyId.ReceiveMaximum, "receive");
        Add(MqttPropertyId.TopicAliasMaximum, "alias");
        Add(MqttPropertyId.MaximumPacketSize, "size");
        var will = Text(arguments, "will")?.Split('=');
        return new MqttConnectPacket
        {
            ClientId = name,
            CleanStart = Number(arguments, "clean") != 0,
            Properties = properties,
            Will = will is null
                ? null
                : RawMqttClient.Message(will[0], will[1], (int?)Number(arguments, "willqos") ?? 0),
            WillDelaySeconds = Number(arguments, "delay") ?? 0,
        };
    }

    private static MqttPublishPacket Publish(string[] arguments)
    {
        var parts = arguments[0].Split('=');
        var isRich = arguments.Contains("rich");
        return new MqttPublishPacket(new MqttApplicationMessage
        {
            Topic = parts[0],
            Payload = System.Text.Encoding.UTF8.GetBytes(parts[1]),
            QualityOfServiceLevel = (MqttQualityOfServiceLevel)(Number(arguments, "qos") ?? 0),
            Retain = arguments.Contains("retain"),
            ContentType = isRich ? "text/plain" : null,
            ResponseTopic = isRich ? "answer/here" : null,
            CorrelationData = isRich ? [1, 2, 3] : null,
            PayloadFormatIndicator = isRich
                ? MqttPayloadFormatIndicator.CharacterData
                : MqttPayloadFormatIndicator.Unspecified,
            UserProperties = isRich
                ? [new MqttUserProperty("b", "2"), new MqttUserProperty("a", "1"), new MqttUserProperty("b", "3")]
                : [],
        })
        {
            PacketId = (ushort)(Number(arguments, "id") ?? 0),
            Dup = arguments.Contains("dup"),
        };
    }

    private static MqttSubscribePacket Subscribe(string[] arguments)
    {
        MqttProperties? properties = null;
        if (Number(arguments, "id") is { } id)
        {
            properties = new MqttProperties();
            properties.Add(MqttPropertyId.SubscriptionIdentifier, id);
        }
        var filter = new MqttTopicFilter
        {
            Topic = arguments[0],
            QualityOfServiceLevel = (MqttQualityOfServiceLevel)(Number(arguments, "qos") ?? 0),
            NoLocal = arguments.Contains("nolocal"),
            RetainAsPublished = arguments.Contains("rap"),
            RetainHandling = (MqttRetainHandling)(Number(arguments, "rh") ?? 0),
        };
        return new MqttSubscribePacket(9, [filter], properties);
    }

    private static string? Text(string[] arguments, string key) =>
        arguments.FirstOrDefault(a => a.StartsWith($"{key}=", StringComparison.Ordinal))?[(key.Length + 1)..];

    private static uint? Number(string[] arguments, string key) =>
        Text(arguments, key) is { } text ? uint.Parse(text, CultureInfo.InvariantCulture) : null;
}
