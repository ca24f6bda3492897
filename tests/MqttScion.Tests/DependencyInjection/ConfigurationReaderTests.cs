using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using MqttScion.Mqtt;

namespace MqttScion.Tests.DependencyInjection;

public sealed class ConfigurationReaderTests
{
    public static TheoryData<string> PlainKeys =>
        [.. ConfigurationReader.Keys.Where(key => key is not ("Servers" or "UserProperties"))];

    [Theory]
    [MemberData(nameof(PlainKeys))]
    public void Key_sets_the_option_of_its_name(string key)
    {
        var options = new ScionMqttClientOptions();
        var (property, before) = Get(options, key);
        var (text, expected) = Other(property.PropertyType, before);

        Apply(options, (key, text));

        Get(options, key).Value.Should().Be(expected);
    }

    [Fact]
    public void Every_option_is_a_key_or_named_as_one_for_code()
    {
        var options = new[] { ("", typeof(ScionMqttClientOptions)), ("Scion:", typeof(ScionOptions)),
            ("Tls:", typeof(TlsOptions)) };
        var names = options.SelectMany(o => o.Item2.GetProperties().Select(p => o.Item1 + p.Name));

        ConfigurationReader.Keys.Concat(ConfigurationReader.CodeOnly).Concat(["Scion", "Tls"])
            .Should().BeEquivalentTo(names);
    }

    [Fact]
    public void Lists_are_read_item_by_item_and_keys_in_any_case()
    {
        var options = new ScionMqttClientOptions();

        Apply(
            options,
            ("servers:0", "[1-ff00:0:110,10.0.0.2]:8883"),
            ("servers:1", "[1-ff00:0:111,10.0.0.2]:8883"),
            ("UserProperties:0:Name", "site"),
            ("UserProperties:0:Value", "7"),
            ("SCION:usestun", "True"));

        options.Servers.Should().Equal("[1-ff00:0:110,10.0.0.2]:8883", "[1-ff00:0:111,10.0.0.2]:8883");
        options.UserProperties.Should().Equal(new MqttUserProperty("site", "7"));
        options.Scion.UseStun.Should().BeTrue();
    }

    [Theory]
    [InlineData("KeepAlivPeriod", "00:00:15",
        "'KeepAlivPeriod' in the section 'Mqtt' is not an option of a client. Did you mean KeepAlivePeriod?")]
    [InlineData("Keepalive", "00:00:15",
        "'Keepalive' in the section 'Mqtt' is not an option of a client. Did you mean KeepAlivePeriod?")]
    [InlineData("Nonsense", "1", "'Nonsense' in the section 'Mqtt' is not an option of a client.")]
    [InlineData("Tls:Cert", "a",
        "'Cert' in the section 'Mqtt:Tls' is not an option of a client. Did you mean Certificate?")]
    [InlineData("Tls", "a", "'Tls' in the section 'Mqtt': expected a section, found a value.")]
    [InlineData("Will:Topic", "a", "'Will' in the section 'Mqtt': only code can set it.")]
    [InlineData("Scion:PathPolicy", "a", "'PathPolicy' in the section 'Mqtt:Scion': only code can set it.")]
    [InlineData("KeepAlivePeriod", "15",
        "Mqtt:KeepAlivePeriod: expected a time span like 00:00:15 or 1.00:00:00, found '15'.")]
    [InlineData("SessionExpiryInterval", "24:00:00",
        "Mqtt:SessionExpiryInterval: expected a time span like 00:00:15 or 1.00:00:00, found '24:00:00'.")]
    [InlineData("SessionExpiryInterval", "1:00:00:00",
        "Mqtt:SessionExpiryInterval: expected a time span like 00:00:15 or 1.00:00:00, found '1:00:00:00'.")]
    [InlineData("CleanStart", "yes", "Mqtt:CleanStart: expected true or false, found 'yes'.")]
    [InlineData("ReceiveMaximum", "0x10", "Mqtt:ReceiveMaximum: expected a whole number, found '0x10'.")]
    [InlineData("ServerSelection", "0", "Mqtt:ServerSelection: expected one of InOrder, *, found '0'.")]
    [InlineData("Scion:EndhostApi", "localhost", "Mqtt:Scion:EndhostApi: expected an absolute URL, found 'localhost'.")]
    [InlineData("Servers", "a", "Mqtt:Servers: expected a list, found a value.")]
    [InlineData("UserProperties:0:Name", "a", "Mqtt:UserProperties:0: expected Name and Value, found no Value.")]
    [InlineData("Password:hunter2", "hunter2", "Mqtt:Password: expected a value, found a section or a list.")]
    public void Mistake_is_told_with_key_and_section(string key, string value, string fault)
    {
        var act = () => Apply(new ScionMqttClientOptions(), (key, value));

        act.Should().Throw<OptionsValidationException>().Which.Failures
            .Should().ContainSingle().Which.Should().Match(fault);
    }

    [Fact]
    public void Mistakes_are_told_all_at_once_with_the_name_of_the_client()
    {
        var section = Section(("CleanStart", "yes"), ("Nonsense", "1"));

        var act = () => ConfigurationReader.Apply(section, new ScionMqttClientOptions(), "plant");

        var error = act.Should().Throw<OptionsValidationException>().Which;
        error.OptionsName.Should().Be("plant");
        error.Failures.Should().HaveCount(2).And.OnlyContain(f => f.StartsWith("Client 'plant': "));
    }

    [Fact]
    public void Missing_section_is_told()
    {
        var section = new ConfigurationBuilder().Build().GetSection("Mqtt");

        var act = () => ConfigurationReader.Apply(section, new ScionMqttClientOptions(), "");

        act.Should().Throw<OptionsValidationException>().Which.Failures
            .Should().Equal("The section 'Mqtt' of the configuration is missing or empty.");
    }

    [Fact]
    public void Root_of_the_configuration_can_be_read_too()
    {
        var root = new ConfigurationBuilder()
            .AddInMemoryCollection([new("ClientId", "c"), new("Nonsense", "1")]).Build();

        var act = () => ConfigurationReader.Apply(root, new ScionMqttClientOptions(), "");

        act.Should().Throw<OptionsValidationException>().Which.Failures
            .Should().Equal("'Nonsense' at the root of the configuration is not an option of a client.");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void Probe_interval_of_nothing_turns_probes_off(string? nothing)
    {
        var options = new ScionMqttClientOptions();

        Apply(options, ("Scion:ProbeInterval", nothing), ("ClientId", "c"));

        options.Scion.ProbeInterval.Should().BeNull();
    }

    [Fact]
    public async Task Mistake_fails_the_start_of_the_host()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddScionMqtt("plant", Section(("KeepAlivPeriod", "00:00:15")));
        using var host = builder.Build();

        var act = () => host.StartAsync();

        (await act.Should().ThrowAsync<OptionsValidationException>()).Which.Message
            .Should().Contain("plant").And.Contain("KeepAlivPeriod").And.Contain("'Mqtt'");
    }

    [Fact]
    public void Paths_are_relative_to_the_root_and_absolute_ones_stay()
    {
        var options = new ScionMqttClientOptions();

        ConfigurationReader.Apply(
            Section(("Tls:Key", "a.key"), ("PasswordFile", "/etc/secret"), ("Tls:ServerName", "proxy")),
            options,
            name: "",
            root: "/srv/app");

        options.Tls.Key.Should().Be(Path.Combine("/srv/app", "a.key"));
        options.PasswordFile.Should().Be("/etc/secret");
        options.Tls.ServerName.Should().Be("proxy");
    }

    [Fact]
    public async Task Host_looks_for_files_in_its_content_root_and_says_where()
    {
        var root = Directory.CreateTempSubdirectory("mqttscion-root-");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(root.FullName, "ca.pem"), "");
            var builder = Host.CreateEmptyApplicationBuilder(new() { ContentRootPath = root.FullName });
            builder.Services.AddScionMqtt(
                Section(
                    ("Tls:TrustedCertificates", "ca.pem"),
                    ("Tls:Key", "a.key"),
                    ("KeepAlivePeriod", "1.00:00:00")));
            using var host = builder.Build();

            var failures = (await FluentActions.Awaiting(() => host.StartAsync())
                .Should().ThrowAsync<OptionsValidationException>()).Which.Failures.ToList();

            failures.Should().NotContain(f => f.StartsWith("Tls.TrustedCertificates"))
                .And.Contain($"Tls.Key: the file '{Path.Combine(root.FullName, "a.key")}' does not exist. "
                    + "(Section 'Mqtt'.)")
                .And.Contain(f => f.StartsWith("KeepAlivePeriod: expected") && f.Contains("'Mqtt'"));
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }

    private static void Apply(ScionMqttClientOptions options, params (string Key, string? Value)[] values) =>
        ConfigurationReader.Apply(Section(values), options, name: "");

    private static IConfigurationSection Section(params (string Key, string? Value)[] values) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(values.Select(v => KeyValuePair.Create("Mqtt:" + v.Key, v.Value)))
            .Build().GetSection("Mqtt");

    private static (PropertyInfo Property, object? Value) Get(ScionMqttClientOptions options, string key)
    {
        object owner = options;
        var names = key.Split(':');
        foreach (var name in names[..^1])
        {
            owner = owner.GetType().GetProperty(name)!.GetValue(owner)!;
        }
        var property = owner.GetType().GetProperty(names[^1])!;
        return (property, property.GetValue(owner));
    }

    /// <summary>A text that is not the default, and what it stands for.</summary>
    private static (string Text, object Expected) Other(Type type, object? before) =>
        (Nullable.GetUnderlyingType(type) ?? type) switch
        {
            var t when t == typeof(string) => ("some text", "some text"),
            var t when t == typeof(bool) => ((!(bool)before!).ToString(), !(bool)before),
            var t when t == typeof(int) => ("77", 77),
            var t when t == typeof(long) => ("5000000000", 5_000_000_000),
            var t when t == typeof(TimeSpan) => ("1.02:03:04.5", new TimeSpan(1, 2, 3, 4, milliseconds: 500)),
            var t when t == typeof(Uri) => ("http://10.0.0.1:80", new Uri("http://10.0.0.1:80")),
            var t when t.IsEnum => (Enum.GetNames(t)[^1].ToLowerInvariant(), Enum.GetValues(t).Cast<object>().Last()),
            var t => throw new NotSupportedException($"No value for {t}."),
        };
}
