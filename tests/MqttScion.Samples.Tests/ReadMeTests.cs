using System.Text.RegularExpressions;

namespace MqttScion.Samples.Tests;

/// <summary>README's program is whole.</summary>
public sealed partial class ReadMeTests
{
    // It restores and compiles, on a machine that may be busy.
    private static readonly TimeSpan BuildLimit = TimeSpan.FromMinutes(4);

    [Fact]
    public async Task Program_compiles_as_shown_and_prints_its_message()
    {
        await using var network = await DemoNetwork.StartAsync();
        var access = network.FieldAccess;
        // Outside of the repository, whose settings for builds reach its own projects only.
        var directory = Directory.CreateTempSubdirectory("mqttscion-readme-");
        try
        {
            var shown = await File.ReadAllTextAsync(Path.Combine(Child.Root, "README.md"));
            var program = Program().Match(shown).Groups["code"].Value;
            Write("Program.cs", Put(access.Server, Put(access.EndhostApi!, program, Api()), Server()));
            Write("first.csproj", ProjectFile());
            File.Copy(access.CaCert, Path.Combine(directory.FullName, "ca-cert.pem"));
            File.Copy(access.Cert, Path.Combine(directory.FullName, "client-cert.pem"));
            File.Copy(access.Key, Path.Combine(directory.FullName, "client-key.pem"));

            var build = await Child.RunAsync(
                directory.FullName,
                BuildLimit,
                "build", "-c", Child.Configuration, "-warnaserror", "-nologo", "-v", "q",
                "-p:NuGetAudit=false", "-p:BuildProjectReferences=false", "-p:UseSharedCompilation=false");
            build.ExitCode.Should().Be(0, build.Output + build.Error);
            var run = await Child.RunAsync(
                directory.FullName,
                TimeSpan.FromSeconds(60),
                Path.Combine("bin", Child.Configuration, "net10.0", "first.dll"));

            run.Should().Be((0, "plant/1/temp: 21.5" + Environment.NewLine, ""));
        }
        finally
        {
            directory.Delete(recursive: true);
        }

        void Write(string name, string text) => File.WriteAllText(Path.Combine(directory.FullName, name), text);
    }

    // As `dotnet new console` and `dotnet add reference` make it.
    private static string ProjectFile() =>
        $"""
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFramework>net10.0</TargetFramework>
            <ImplicitUsings>enable</ImplicitUsings>
            <Nullable>enable</Nullable>
          </PropertyGroup>
          <ItemGroup>
            <ProjectReference Include="{Path.Combine(Child.Root, "src/MqttScion/MqttScion.csproj")}" />
          </ItemGroup>
        </Project>
        """;

    private static string Put(string address, string program, Regex shown)
    {
        shown.Matches(program).Should().ContainSingle($"{shown} is one address of the program");
        return shown.Replace(program, $"\"{address}\"");
    }

    [GeneratedRegex(@"^## Use it\n.*?^```csharp\n(?<code>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Program();

    [GeneratedRegex(@"""\[2-ff00:0:211,127\.0\.0\.1\]:4433""")]
    private static partial Regex Server();

    [GeneratedRegex(@"""http://127\.0\.0\.1:10231""")]
    private static partial Regex Api();
}
