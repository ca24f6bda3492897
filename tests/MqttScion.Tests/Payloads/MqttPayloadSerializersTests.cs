using System.Reactive.Subjects;
using System.Text;
using System.Text.Json;
using MqttScion.Mqtt;

namespace MqttScion.Tests;

public class MqttPayloadSerializersTests
{
    private readonly MqttPayloadSerializers _serializers = new MqttPayloadSerializers().AddJson(ReadingJson.Default);

    [Fact]
    public void A_type_of_a_json_context_goes_there_and_back()
    {
        var serializer = _serializers.Get<Reading>();

        var payload = serializer.Serialize(new Reading("t1", 21.5));

        Encoding.UTF8.GetString(payload.Span).Should().Be("""{"Sensor":"t1","Celsius":21.5}""");
        serializer.Deserialize(payload).Should().Be(new Reading("t1", 21.5));
        serializer.ContentType.Should().Be("application/json");
        serializer.PayloadFormatIndicator.Should().Be(MqttPayloadFormatIndicator.CharacterData);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{")]
    [InlineData("[1]")]
    public void A_payload_that_is_not_the_type_is_refused(string payload) =>
        FluentActions.Invoking(() => _serializers.Get<Reading>().Deserialize(Encoding.UTF8.GetBytes(payload)))
            .Should().Throw<JsonException>();

    [Fact]
    public void Text_and_bytes_need_no_registration()
    {
        _serializers.Get<string>().Deserialize("grün"u8.ToArray()).Should().Be("grün");
        _serializers.Get<byte[]>().Deserialize(new byte[] { 1, 2 }).Should().Equal(1, 2);
        _serializers.Get<ReadOnlyMemory<byte>>().Deserialize(new byte[] { 3 }).ToArray().Should().Equal(3);
        FluentActions.Invoking(() => _serializers.Get<string>().Deserialize(new byte[] { 0xff }))
            .Should().Throw<DecoderFallbackException>();
    }

    [Fact]
    public void A_type_that_nobody_knows_is_refused_with_what_to_do() =>
        FluentActions.Invoking(() => _serializers.Get<Uri>()).Should().Throw<InvalidOperationException>()
            .WithMessage("*System.Uri*JsonSerializable*");

    [Fact]
    public void A_serializer_of_ones_own_replaces_another()
    {
        _serializers.Add(new Shout());

        Encoding.UTF8.GetString(_serializers.Get<string>().Serialize("a").Span).Should().Be("A");
    }

    [Fact]
    public void A_copy_does_not_see_what_is_added_later()
    {
        var copy = _serializers.Copy();

        _serializers.Add(new Shout());

        Encoding.UTF8.GetString(copy.Get<string>().Serialize("a").Span).Should().Be("a");
    }

    [Fact]
    public void Decode_leaves_out_and_reports_what_can_not_be_read()
    {
        using var source = new Subject<MqttApplicationMessage>();
        var values = new List<Reading>();
        var faults = new List<Exception>();
        using var _ = source.Decode(_serializers.Get<Reading>(), (_, error) => faults.Add(error))
            .Subscribe(message => values.Add(message.Value));

        Send("""{"Sensor":"a","Celsius":1}""");
        Send("junk");
        Send("""{"Sensor":"b","Celsius":2}""");

        values.Select(static value => value.Sensor).Should().Equal("a", "b");
        faults.Should().ContainSingle().Which.Should().BeAssignableTo<JsonException>();

        void Send(string payload) => source.OnNext(
            new MqttApplicationMessage { Topic = "t", Payload = Encoding.UTF8.GetBytes(payload) });
    }

    private sealed class Shout : IMqttPayloadSerializer<string>
    {
        public string? ContentType => "text/loud";

        public MqttPayloadFormatIndicator PayloadFormatIndicator => MqttPayloadFormatIndicator.CharacterData;

        public ReadOnlyMemory<byte> Serialize(string value) => Encoding.UTF8.GetBytes(value.ToUpperInvariant());

        public string Deserialize(ReadOnlyMemory<byte> payload) => Encoding.UTF8.GetString(payload.Span);
    }
}
