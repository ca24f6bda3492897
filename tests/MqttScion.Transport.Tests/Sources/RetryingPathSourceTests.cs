using MqttScion.Scion;

namespace MqttScion.Transport.Tests;

public sealed class RetryingPathSourceTests
{
    private static readonly IsdAs There = IsdAs.Parse("2-ff00:0:211");
    private static readonly Uri Url = new("http://127.0.0.1:10231");

    [Fact]
    public async Task Look_up_that_finds_nobody_is_made_again()
    {
        var inner = new ScriptedPathSource(() => throw Failure("unavailable"), () => []);
        using var source = new RetryingPathSource(inner, TimeProvider.System);

        (await source.GetPathsAsync(There)).Should().BeEmpty();

        inner.LookUps.Should().Be(2);
    }

    [Fact]
    public async Task Look_up_that_was_cut_off_is_made_again()
    {
        var inner = new ScriptedPathSource(
            () => throw new PathLookupException("cut off", Url, code: null, new HttpRequestException("reset")),
            () => []);
        using var source = new RetryingPathSource(inner, TimeProvider.System);

        await source.GetPathsAsync(There);

        inner.LookUps.Should().Be(2);
    }

    [Theory]
    [InlineData("unauthenticated")]
    [InlineData("invalid_argument")]
    [InlineData(null)]
    public async Task Refusal_or_malformed_answer_is_told_at_once(string? code)
    {
        var inner = new ScriptedPathSource(() => throw Failure(code));
        using var source = new RetryingPathSource(inner, TimeProvider.System);

        var call = () => source.GetPathsAsync(There);

        (await call.Should().ThrowAsync<PathLookupException>()).Which.Code.Should().Be(code);
        inner.LookUps.Should().Be(1);
    }

    [Fact]
    public async Task Retries_end()
    {
        var inner = new ScriptedPathSource(() => throw Failure("unavailable"));
        using var source = new RetryingPathSource(inner, TimeProvider.System);

        var call = () => source.GetPathsAsync(There);

        await call.Should().ThrowAsync<PathLookupException>();
        inner.LookUps.Should().Be(4);
    }

    private static PathLookupException Failure(string? code) => new("not now", Url, code);
}
