using MqttScion.Scion;

namespace MqttScion.Transport.Tests;

public sealed class PathSourcesTests
{
    private static readonly IsdAs There = IsdAs.Parse("2-ff00:0:211");

    [Fact]
    public async Task Source_of_the_caller_comes_first_and_is_used_as_it_is()
    {
        var own = new ScriptedPathSource(() => []);
        var options = new ScionOptions { PathSource = own, PathsFile = "absent.json", Daemon = "127.0.0.1:1" };
        using var source = PathSources.Create(options);

        await source.GetPathsAsync(There);
        await source.GetPathsAsync(There);

        own.LookUps.Should().Be(2);
    }

    [Theory]
    [InlineData("absent.json", "http://127.0.0.1:2", "127.0.0.1:3", "absent.topology", "absent.json")]
    [InlineData(null, "http://127.0.0.1:2", "127.0.0.1:3", "absent.topology", "127.0.0.1:2")]
    [InlineData(null, null, "127.0.0.1:3", "absent.topology", "127.0.0.1:3")]
    [InlineData(null, null, null, "absent.topology", "absent.topology")]
    public async Task First_source_that_is_set_is_asked(
        string? pathsFile, string? endhostApi, string? daemon, string? topologyFile, string asked)
    {
        var options = new ScionOptions
        {
            PathsFile = pathsFile,
            EndhostApi = endhostApi is null ? null : new Uri(endhostApi),
            Daemon = daemon,
            TopologyFile = topologyFile,
            BootstrapServer = new Uri("http://127.0.0.1:4"),
        };
        using var source = PathSources.Create(options);

        var call = () => source.GetPathsAsync(There, IsdAs.Parse("1-ff00:0:111"));

        (await call.Should().ThrowAsync<PathLookupException>()).Which.Message.Should().Contain(asked);
    }

    [Fact]
    public void No_source_is_told_with_all_that_could_be_set()
    {
        var call = () => PathSources.Create(new ScionOptions());

        call.Should().Throw<ArgumentException>().WithMessage("*Scion.Daemon*Scion.TopologyFile*SCION_DAEMON*");
    }

    [Fact]
    public void Policy_of_options_joins_list_sequence_and_order()
    {
        var options = new ScionOptions { Acl = "- 1-ff00:0:120 +", Sequence = "1-ff00:0:111 0*" };
        var local = ScionPath.SameAs(IsdAs.Parse("1-ff00:0:111"), mtu: 1472, DateTimeOffset.MaxValue);

        options.ToPolicy().Apply([local]).Should().BeEmpty("an empty path has no hop that the sequence asks for");
        new ScionOptions { Acl = options.Acl }.ToPolicy().Apply([local]).Should().Equal(local);
    }
}
