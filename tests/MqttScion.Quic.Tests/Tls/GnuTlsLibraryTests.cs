using System.Reflection;
using System.Runtime.Loader;

namespace MqttScion.Quic.Tests;

public class GnuTlsLibraryTests
{
    [Fact]
    public void TryLoad_on_a_system_with_the_library_succeeds()
    {
        GnuTlsLibrary.TryLoad(out var problem).Should().BeTrue(problem);
        GnuTlsLibrary.EnsureAvailable();
    }

    [Fact]
    public void Load_of_an_absent_library_names_it_and_the_install_command_in_one_line()
    {
        var (handle, problem) = GnuTlsLibrary.Load(["libabsent.so.30"], GnuTlsLibrary.MinimumVersion);

        handle.Should().Be(0);
        problem.Should().Contain("GnuTLS 3.7.2 or later").And.Contain("libabsent.so.30")
            .And.EndWith(GnuTlsInstallHint.ForThisSystem()).And.NotContain("\n");
    }

    [Fact]
    public void Load_of_a_version_that_is_too_old_says_which_it_is()
    {
        var (_, problem) = GnuTlsLibrary.Load(GnuTlsLibrary.Names(chosen: null), "99.0.0");

        problem.Should().MatchRegex(@"GnuTLS 99\.0\.0 or later is needed but \S+ is 3\.\d+\.\d+: ");
    }

    [Fact]
    public void Names_with_a_chosen_file_are_that_file() =>
        GnuTlsLibrary.Names("/opt/lib/mine.so").Should().Equal("/opt/lib/mine.so");

    [Fact]
    public void Library_named_by_the_environment_variable_is_loaded_instead()
    {
        // A second copy of the assembly, because a process decides once; this copy must have decided before.
        GnuTlsLibrary.EnsureAvailable();
        var context = new AssemblyLoadContext("second copy");
        var previous = Environment.GetEnvironmentVariable(GnuTlsLibrary.PathVariable);
        Environment.SetEnvironmentVariable(GnuTlsLibrary.PathVariable, "/nonexistent/libgnutls.so");
        try
        {
            var copy = context.LoadFromAssemblyPath(typeof(GnuTlsLibrary).Assembly.Location);
            var factory = copy.GetType(typeof(GnuTlsPacketProtectorFactory).FullName!)!;
            var act = () => Activator.CreateInstance(factory);

            var thrown = act.Should().Throw<TargetInvocationException>().Which.InnerException!;
            thrown.GetType().Name.Should().Be(nameof(TlsUnavailableException));
            thrown.Message.Should().Contain("/nonexistent/libgnutls.so cannot be loaded: ");
        }
        finally
        {
            Environment.SetEnvironmentVariable(GnuTlsLibrary.PathVariable, previous);
        }
    }

    [Theory]
    [InlineData("ID=debian\nVERSION_ID=\"12\"", "apt install libgnutls30")]
    [InlineData("ID=debian\nVERSION_ID=\"13\"", "apt install libgnutls30t64")]
    [InlineData("ID=debian\nPRETTY_NAME=sid", "apt install libgnutls30t64")]
    [InlineData("ID=ubuntu\nVERSION_ID=\"22.04\"\nID_LIKE=debian", "apt install libgnutls30")]
    [InlineData("ID=ubuntu\r\nVERSION_ID=\"24.04\"\r\nID_LIKE=debian", "apt install libgnutls30t64")]
    [InlineData("ID=linuxmint\nID_LIKE=\"ubuntu debian\"", "apt install libgnutls30 (or libgnutls30t64)")]
    [InlineData("ID=alpine\nVERSION_ID=3.20.1", "apk add gnutls")]
    [InlineData("ID=fedora", "dnf install gnutls")]
    [InlineData("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"", "dnf install gnutls")]
    [InlineData("ID=opensuse-leap\nID_LIKE=\"suse opensuse\"", "zypper install libgnutls30")]
    [InlineData("ID=arch", "pacman -S gnutls")]
    [InlineData("nonsense", "install GnuTLS with the system's package manager")]
    public void ForOsRelease_names_the_command_of_the_system(string osRelease, string command) =>
        GnuTlsInstallHint.ForOsRelease(osRelease).Should().Be(command);
}
