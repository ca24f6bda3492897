using MqttScion.Scion.Tests;
using Xunit.Abstractions;

namespace MqttScion.Mqtt.Tests;

/// <summary>A session against a server whose packets are broken at random, while its owner uses it. See
/// <see cref="FuzzBudget"/> for the settings.</summary>
public class SessionFuzzTests(ITestOutputHelper output)
{
    private const int StepCount = 40;

    [Fact]
    public void Mutated_server_stream_never_throws_and_what_we_send_stays_well_formed() =>
        FuzzBudget.Run("session", output.WriteLine, seed => new Run(seed).Go(), Script);

    /// <summary>What the server says, for the report of a failure.</summary>
    private static byte[] Script(long seed)
    {
        var run = new Run(seed);
        try
        {
            run.Go();
        }
        catch (Exception)
        {
            // It is known to fail; this asks for its input.
        }
        return [.. run.Said];
    }

    private sealed class Run
    {
        private static readonly object[] _samples =
            [.. PacketSamples.All().Where(p => AnyPacket.Write(p).Length < 1000)];

        private readonly Random _random;
        private readonly MqttSession _control;
        private MqttSession _session;
        private MqttFrameAssembler _sent = new(int.MaxValue);
        private readonly List<ushort> _received = [];
        private TimeSpan _now = TimeSpan.FromDays(1);
        private object? _lastSent;

        public Run(long seed)
        {
            _random = new Random((int)(seed ^ (seed >> 32)));
            _session = _control = new MqttSession(new MqttSessionOptions
            {
                ClientId = "c",
                CleanStart = _random.Next(2) == 0,
                MaximumPacketSize = 2000,
                ReceiveMaximum = 4,
                TopicAliasMaximum = (ushort)_random.Next(3),
                AuthenticationMethod = _random.Next(2) == 0 ? null : "s",
                OutputHighWaterBytes = 4000,
                MaximumWaitingPublishes = 5,
                ReportPublishProgress = true,
                RequestProblemInformation = _random.Next(4) > 0,
            });
        }

        public List<byte> Said { get; } = [];

        public void Go()
        {
            _session.Connect(_now);
            if (_random.Next(10) > 0)
            {
                Say(AnyPacket.Write(ConnAck()));
            }
            DrainOutput();
            if (_session.State == MqttSessionState.Connected && _random.Next(3) == 0)
            {
                _session = _control.OpenDataStream();
                _sent = new MqttFrameAssembler(int.MaxValue);
            }
            for (var step = 0; step < StepCount && _session.State != MqttSessionState.Closed; step++)
            {
                Step();
                DrainEvents();
                DrainOutput();
            }
            if (_session.State != MqttSessionState.Closed)
            {
                _session.OnTransportClosed("the run is over");
            }
            else if (_session.IsDataStream)
            {
                _session.OutputBytes.Should().Be(0);
                _control.State.Should().Be(MqttSessionState.Connected);
            }
            else if (_session.End!.Cause is MqttSessionEndCause.MalformedPacket or MqttSessionEndCause.ProtocolError)
            {
                _lastSent.Should().Be(
                    new MqttDisconnectPacket(MqttPacketType.Disconnect, (byte)_session.End.ReasonCode));
                ((int)_session.End.ReasonCode).Should().BeGreaterThanOrEqualTo(0x80);
            }
            _session.TakeInflight().Publishes.Select(p => p.Token).Should().BeInAscendingOrder();
        }

        private MqttConnAckPacket ConnAck()
        {
            var properties = new MqttProperties();
            properties.Add(MqttPropertyId.ReceiveMaximum, (uint)_random.Next(1, 5));
            properties.Add(MqttPropertyId.TopicAliasMaximum, (uint)_random.Next(4));
            if (_random.Next(2) == 0)
            {
                properties.Add(MqttPropertyId.AuthenticationMethod, "s");
            }
            return new MqttConnAckPacket(IsSessionPresent: false, 0, properties);
        }

        private void Step()
        {
            switch (_random.Next(12))
            {
                case 0:
                    _session.Publish(Message(), _now, TimeSpan.FromSeconds(_random.Next(3)));
                    break;
                case 1:
                    _session.Subscribe(["a/#"], 1, _now);
                    _session.Unsubscribe(["a"], _now);
                    break;
                case 2 when _received.Count > 0:
                    _session.Acknowledge(_received[_random.Next(_received.Count)], 0, _now);
                    break;
                case 3:
                    _now += TimeSpan.FromSeconds(_random.Next(12));
                    _session.OnTimeout(_now);
                    break;
                case 4:
                    _session.ContinueAuthentication([1], _now);
                    break;
                default:
                    Say(Mutated(AnyPacket.Write(Packet())));
                    break;
            }
        }

        private MqttApplicationMessage Message() => new()
        {
            Topic = $"some/topic/{_random.Next(4)}",
            Payload = new byte[_random.Next(100)],
            MessageExpiryInterval = _random.Next(2) == 0 ? null : 2,
            QualityOfServiceLevel = (MqttQualityOfServiceLevel)_random.Next(3),
        };

        /// <summary>A packet that a server may well send now.</summary>
        private object Packet()
        {
            var id = (ushort)_random.Next(1, 8);
            return _random.Next(8) switch
            {
                0 => new MqttAckPacket(MqttPacketType.PubAck, id),
                1 => new MqttAckPacket(MqttPacketType.PubRec, id, (byte)(_random.Next(4) == 0 ? 0x97 : 0)),
                2 => new MqttAckPacket(MqttPacketType.PubRel, id),
                3 => new MqttAckPacket(MqttPacketType.PubComp, id),
                4 => new MqttSubAckPacket(
                    _random.Next(2) == 0 ? MqttPacketType.SubAck : MqttPacketType.UnsubAck, id, [0]),
                5 or 6 => new MqttPublishPacket(Message()) { PacketId = id, TopicAlias = (ushort)_random.Next(2) },
                _ => _samples[_random.Next(_samples.Length)],
            };
        }

        private byte[] Mutated(byte[] bytes)
        {
            switch (_random.Next(6))
            {
                case 0:
                    bytes[_random.Next(bytes.Length)] ^= (byte)(1 << _random.Next(8));
                    return bytes;
                case 1:
                    bytes[_random.Next(bytes.Length)] = (byte)_random.Next(256);
                    return bytes;
                case 2:
                    // A byte more or less, with the length agreeing when it is a short one.
                    var at = _random.Next(Math.Min(2, bytes.Length), bytes.Length + 1);
                    byte[] changed = at < bytes.Length && _random.Next(2) == 0
                        ? [.. bytes[..at], .. bytes[(at + 1)..]]
                        : [.. bytes[..at], (byte)_random.Next(256), .. bytes[at..]];
                    if (changed.Length is > 1 and < 130)
                    {
                        changed[1] = (byte)(changed.Length - 2);
                    }
                    return changed;
                default:
                    return bytes;
            }
        }

        private void Say(byte[] bytes)
        {
            Said.AddRange(bytes);
            for (var start = 0; start < bytes.Length;)
            {
                var count = _random.Next(1, bytes.Length - start + 1);
                _session.Receive(bytes.AsSpan(start, count), _now);
                start += count;
            }
        }

        private void DrainEvents()
        {
            while (_session.TryGetEvent(out var e))
            {
                if (e.Kind == MqttEventKind.MessageReceived)
                {
                    MqttTopic.TryValidateTopic(e.Message!.Topic, out var error).Should().BeTrue(error);
                    if (e.PacketId != 0)
                    {
                        _received.Add(e.PacketId);
                    }
                }
            }
        }

        private void DrainOutput()
        {
            _session.InflightCount.Should().BeInRange(0, ushort.MaxValue);
            _session.OutputBytes.Should().BeLessThan(10_000);
            var isLast = _session.State == MqttSessionState.Closed;
            var count = isLast ? _session.OutputBytes : _random.Next(_session.OutputBytes + 1);
            ReadOnlySpan<byte> bytes = _session.PendingOutput[..count].ToArray();
            while (_sent.TryTake(ref bytes, out var frame, out var fault) is var status
                && status != MqttFrameStatus.NeedMore)
            {
                status.Should().Be(MqttFrameStatus.Packet, fault.Reason);
                AnyPacket.TryRead(frame, out var packet, out fault).Should().BeTrue(fault.Reason);
                _lastSent = packet;
            }
            _session.ConsumeOutput(count);
        }
    }
}
