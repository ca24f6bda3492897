namespace MqttScion.Quic.Tests;

/// <summary>What a peer must not do, and what it gets for it: the whole table.</summary>
public class ViolationTableTests
{
    private static readonly Dictionary<string, ViolationCase> Table = FrameViolations.All
        .Concat(StreamViolations.All)
        .Concat(ConnectionViolations.All)
        .Concat(ParameterViolations.All)
        .Concat(EarlyDataViolations.All)
        .ToDictionary(static item => item.Name);

    public static TheoryData<string> Names => new(Table.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public void Violation_is_answered_with_its_code(string name)
    {
        var violation = Table[name];
        using var run = new ViolationRun(violation);

        var reason = run.Run();

        if (violation.Expected is not { } expected)
        {
            reason.Should().BeNull(violation.Rule);
            return;
        }

        reason.Should().NotBeNull(violation.Rule);
        reason!.Kind.Should().Be(QuicCloseKind.LocalTransport, violation.Rule);
        ((QuicError)reason.ErrorCode).Should().Be(expected, violation.Rule);
    }

    [Fact]
    public void Table_has_sixty_violations_at_least() =>
        Table.Values.Count(static item => item.Expected is not null).Should().BeGreaterThanOrEqualTo(60);

    [Fact]
    public void Peer_is_told_the_code_of_its_violation()
    {
        using var run = new ViolationRun(Table["frame of an unknown type"]);
        run.Run();

        run.Pair.RunUntil(() => run.Pair.Client.CloseReason is not null).Should().BeTrue();

        run.Pair.Client.CloseReason!.Kind.Should().Be(QuicCloseKind.PeerTransport);
        run.Pair.Client.CloseReason.ErrorCode.Should().Be((ulong)QuicError.FrameEncodingError);
        run.Pair.Client.CloseReason.FrameType.Should().Be(0x1f);
    }
}
