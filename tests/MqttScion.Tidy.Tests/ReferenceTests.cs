using System.Xml;
using System.Xml.Linq;

namespace MqttScion.Tidy.Tests;

/// <summary>Rules 5 and 47: who may reference whom, and which packages.</summary>
public sealed class ReferenceTests
{
    private const string VersionPlace = "its version belongs in Directory.Packages.props";

    private static readonly string[] Tools =
    [
        "Microsoft.Extensions.Hosting", "Microsoft.Extensions.Logging.Console", "Spectre.Console", "System.CommandLine",
    ];

    private static readonly string[] Engines = ["MqttScion.Mqtt", "MqttScion.Quic", "MqttScion.Scion", "MqttScion.Udp"];

    /// <summary>What each project may reference. A project with no line here is against the rule.</summary>
    private static readonly Dictionary<string, Allowed> Projects = new()
    {
        ["MqttScion.Udp"] = new([], []),
        ["MqttScion.Quic"] = new([], []),
        ["MqttScion.Mqtt"] = new([], []),
        ["MqttScion.Scion"] = new(["MqttScion.Udp"], ["System.Reactive", "Google.Protobuf", "Grpc.Tools"]),
        ["MqttScion.Transport"] = new(
            ["MqttScion.Quic", "MqttScion.Scion", "MqttScion.Udp"],
            ["Microsoft.Extensions.Logging.Abstractions", "Polly.Core", "System.Reactive"]),
        ["MqttScion"] = new(
            [.. Engines, "MqttScion.Transport"],
            [
                "Microsoft.Extensions.DependencyInjection.Abstractions",
                "Microsoft.Extensions.Diagnostics.HealthChecks", "Microsoft.Extensions.Hosting.Abstractions",
                "Microsoft.Extensions.Logging.Abstractions", "Microsoft.Extensions.Options", "Polly.Core",
                "System.Reactive",
            ]),
        ["MqttScion.Sqlite"] = new(["MqttScion"], ["SQLitePCLRaw.bundle_e_sqlite3"]),
        // Public, and in no package: the executables alone reference it.
        ["MqttScion.Tools"] = new(["MqttScion.Transport"], Tools),
        ["MqttScion.Proxy"] = new(["MqttScion.Tools", "MqttScion.Transport"], Tools),
        ["MqttScion.Cli"] = new(["MqttScion", "MqttScion.Tools", "MqttScion.Testnet"], Tools),
        ["MqttScion.Testnet"] = new(
            [.. Engines, "MqttScion.Transport"], ["Microsoft.AspNetCore.App", "YamlDotNet"]),
    };

    private static readonly Allowed Samples =
        new(
            [
                .. Engines, "MqttScion", "MqttScion.Transport", "MqttScion.Proxy", "MqttScion.Sqlite",
                "MqttScion.Testnet",
            ],
            [.. Tools, "OpenTelemetry.Exporter.OpenTelemetryProtocol", "OpenTelemetry.Extensions.Hosting"]);

    private static readonly Allowed Tests = new(
        [
            .. Projects.Keys, "MqttScion.QuicPerf", "MqttScion.TestPeer", "QuickStart", "PathAware", "RequestResponse",
            "TypedMessages", "SensorGateway", "TransportOnly", "Workers",
        ],
        [
            "BenchmarkDotNet", "FluentAssertions", "FsCheck", "Microsoft.AspNetCore.App",
            "Microsoft.Extensions.Hosting", "Microsoft.NET.Test.Sdk", "System.CommandLine", "xunit",
            "xunit.runner.visualstudio",
        ]);

    [Fact]
    public void Projects_reference_only_what_the_table_allows() =>
        Finding.ExpectNone(ProjectFiles().SelectMany(CheckProject));

    [Fact]
    public void Shared_props_add_no_reference() =>
        Finding.ExpectNone(
            from file in MsBuildFiles()
            where !file.HasExtension(".csproj") && !file.IsUnder("tests")
            from reference in Elements(file, "ProjectReference", "PackageReference", "FrameworkReference")
            select At(file, reference, rule: 47, $"{Include(reference)} reaches every project; name it in the csproj"));

    [Fact]
    public void Package_versions_stand_in_directory_packages_props_only()
    {
        var attributes =
            from file in MsBuildFiles()
            from reference in Elements(file, "PackageReference")
            where reference.Attribute("Version") is not null || reference.Attribute("VersionOverride") is not null
                || reference.Elements().Any(e => e.Name.LocalName is "Version" or "VersionOverride")
            select At(file, reference, rule: 47, $"{Include(reference)}: {VersionPlace}");
        var elements =
            from file in MsBuildFiles()
            where !file.HasExtension("Directory.Packages.props")
            from version in Elements(file, "PackageVersion")
            select At(file, version, rule: 47, $"{Include(version)}: {VersionPlace}");
        Finding.ExpectNone(attributes.Concat(elements));
    }

    [Fact]
    public void Build_tools_do_not_flow_to_users() =>
        Finding.ExpectNone(
            from file in ProjectFiles()
            from reference in Elements(file, "PackageReference")
            where Include(reference) == "Grpc.Tools" && (string?)reference.Attribute("PrivateAssets") != "all"
            select At(file, reference, rule: 47, "Grpc.Tools is for the build only: PrivateAssets=\"all\""));

    private static IEnumerable<Finding> CheckProject(SourceFile file)
    {
        var allowed = file.IsUnder("samples") ? Samples
            : file.IsUnder("tests") ? Tests
            : Projects.GetValueOrDefault(file.Name);
        if (allowed is null)
        {
            return [new Finding(file.Path, 1, 5, $"{file.Name} has no line in {nameof(ReferenceTests)}.cs")];
        }

        var projects =
            from reference in Elements(file, "ProjectReference")
            let target = Path.GetFileNameWithoutExtension(Include(reference).Replace('\\', '/'))
            where !allowed.Projects.Contains(target)
            select At(file, reference, rule: 5, $"{file.Name} may not reference {target}");
        var packages =
            from reference in Elements(file, "PackageReference", "FrameworkReference")
            where !allowed.Packages.Contains(Include(reference))
            select At(file, reference, rule: 47, $"{file.Name} may not use the package {Include(reference)}");
        return projects.Concat(packages);
    }

    private static IEnumerable<SourceFile> ProjectFiles() => RepositoryTree.Files.Where(f => f.HasExtension(".csproj"));

    private static IEnumerable<SourceFile> MsBuildFiles() =>
        RepositoryTree.Files.Where(f => Path.GetExtension(f.Path) is ".csproj" or ".props" or ".targets");

    private static IEnumerable<XElement> Elements(SourceFile file, params string[] names) =>
        XDocument.Parse(file.Text, LoadOptions.SetLineInfo).Descendants().Where(e => names.Contains(e.Name.LocalName));

    private static string Include(XElement item) =>
        (string?)item.Attribute("Include") ?? (string?)item.Attribute("Update") ?? "";

    private static Finding At(SourceFile file, XElement element, int rule, string text) =>
        new(file.Path, ((IXmlLineInfo)element).LineNumber, rule, text);

    private sealed record Allowed(string[] Projects, string[] Packages);
}
