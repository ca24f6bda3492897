namespace MqttScion.Transport.Tests;

public sealed class ScionQuicTransportTests(TransportWorld world) : IClassFixture<TransportWorld>
{
    [Theory]
    [InlineData(Underlay.Scion)]
    [InlineData(Underlay.IP)]
    public async Task Bytes_travel_both_ways_and_so_does_the_end(Underlay underlay)
    {
        await using var listener = Listen(underlay);
        await using var transport = await ConnectAsync(listener);
        transport.Path.Should().Match(path => (path != null) == (underlay == Underlay.Scion));
        await using var server = await listener.AcceptConnectionAsync().AsTask().WaitAsync(TransportWorld.Patience);

        await transport.Output.WriteAsync(new byte[] { 1, 2 });
        await transport.Output.CompleteAsync();
        await using var stream = await server.AcceptStreamAsync().AsTask().WaitAsync(TransportWorld.Patience);
        using var received = new MemoryStream();
        await stream.CopyToAsync(received).WaitAsync(TransportWorld.Patience);
        await stream.WriteAsync(new byte[] { 3 });
        stream.CompleteWrites();
        var answer = await transport.Input.ReadAtLeastAsync(2).AsTask().WaitAsync(TransportWorld.Patience);

        received.ToArray().Should().Equal(1, 2);
        answer.Buffer.FirstSpan.ToArray().Should().Equal(3);
        answer.IsCompleted.Should().BeTrue();
    }

    [Fact]
    public async Task Pipes_completed_with_the_user_s_error_do_not_end_the_loop()
    {
        await using var listener = Listen(Underlay.IP);
        var transport = await ConnectAsync(listener);

        await transport.Output.CompleteAsync(new InvalidDataException("user fault"));
        await transport.Input.CompleteAsync(new InvalidDataException("user fault"));
        await transport.DisposeAsync().AsTask().WaitAsync(TransportWorld.Patience);

        (await transport.Ended).Should().BeOfType<QuicConnectionException>();
    }

    [Fact]
    public async Task DisposeAsync_again_does_nothing()
    {
        await using var listener = Listen(Underlay.IP);
        var transport = await ConnectAsync(listener);
        await transport.DisposeAsync().AsTask().WaitAsync(TransportWorld.Patience);

        var act = () => transport.DisposeAsync().AsTask().WaitAsync(TransportWorld.Patience);

        await act.Should().NotThrowAsync();
    }

    private ScionQuicListener Listen(Underlay underlay) =>
        world.Listen(underlay, options => options.ApplicationProtocol = "mqtt");

    private Task<ScionQuicTransport> ConnectAsync(ScionQuicListener listener) =>
        ScionQuicTransport.ConnectAsync(world.TransportOptionsFor(listener)).WaitAsync(TransportWorld.Patience);
}
