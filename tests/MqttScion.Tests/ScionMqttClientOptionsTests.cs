namespace MqttScion.Tests;

public sealed class ScionMqttClientOptionsTests
{
    [Fact]
    public void Validate_empty_options_names_every_missing_one()
    {
        var faults = new ScionMqttClientOptions().Validate();

        faults.Should().HaveCount(5);
        faults.Should().Contain(f => f.StartsWith("Servers:"));
        faults.Should().Contain(f => f.StartsWith("Scion.EndhostApi:"));
        faults.Should().Contain(f => f.StartsWith("Tls.TrustedCertificates:"));
        faults.Should().Contain(f => f.StartsWith("Tls.Certificate:"));
        faults.Should().Contain(f => f.StartsWith("Tls.Key:"));
    }

    [Theory]
    [InlineData("10.0.0.2:8883")]
    [InlineData("[1-ff00:0:110,10.0.0.2]")]
    [InlineData("")]
    public void Validate_server_that_is_no_address_says_what_came_and_what_was_expected(string server)
    {
        var options = new ScionMqttClientOptions();
        options.Servers.Add(server);

        options.Validate().Should().Contain(f =>
            f.StartsWith("Servers:") && f.Contains($"'{server}'") && f.Contains("[1-ff00:0:110,10.0.0.2]:8883"));
    }

    [Theory]
    [InlineData("ClientId", "a\0b")]
    [InlineData("ClientId", "lone surrogate")]
    [InlineData("ClientId", null)]
    [InlineData("UserName", "a\0b")]
    [InlineData("UserName", null)]
    [InlineData("Password", null)]
    [InlineData("UserProperties", "a\0b")]
    [InlineData("UserProperties", null)]
    [InlineData("Tls.ServerName", "")]
    [InlineData("Tls.ServerName", "bröker.example")]
    [InlineData("Tls.KeyLogFile", "")]
    [InlineData("QlogDirectory", "")]
    public void Validate_text_that_can_not_be_sent_or_used_is_a_fault_and_not_shown(string option, string? text)
    {
        var options = new ScionMqttClientOptions();
        options.Servers.Add("mqtt-quic://broker.example");
        options.Tls.TrustedCertificates = typeof(ScionMqttClient).Assembly.Location;
        text = text == "lone surrogate" ? "\ud800" : text ?? new string('x', 65_536);
        _ = option switch
        {
            "ClientId" => options.ClientId = text,
            "UserName" => options.UserName = text,
            "Password" => options.Password = text,
            "Tls.ServerName" => options.Tls.ServerName = text,
            "Tls.KeyLogFile" => options.Tls.KeyLogFile = text,
            "QlogDirectory" => options.QlogDirectory = text,
            _ => Add(text),
        };

        options.Validate().Should().ContainSingle().Which.Should().StartWith(option + ":").And.NotContain("xxx");

        string Add(string value)
        {
            options.UserProperties.Add(new("name", value));
            return value;
        }
    }

    [Theory]
    [InlineData("10.0.0.1")]
    [InlineData("[::1]")]
    [InlineData("my_broker-1.example.")]
    public void Validate_server_name_may_be_an_address_or_a_name(string name)
    {
        var options = new ScionMqttClientOptions();
        options.Servers.Add("mqtt-quic://broker.example");
        options.Tls.TrustedCertificates = typeof(ScionMqttClient).Assembly.Location;
        options.Tls.ServerName = name;

        options.Validate().Should().BeEmpty();
    }

    [Fact]
    public void Validate_servers_on_plain_IP_need_neither_paths_nor_a_certificate_of_ours()
    {
        var options = new ScionMqttClientOptions();
        options.Servers.Add("mqtt-quic://broker.example");

        options.Validate().Should().ContainSingle().Which.Should().StartWith("Tls.TrustedCertificates:");
    }

    [Fact]
    public void Validate_mixed_servers_need_what_SCION_needs()
    {
        var options = new ScionMqttClientOptions();
        options.Servers.Add("mqtt-quic://broker.example");
        options.Servers.Add("scion://[1-ff00:0:110,10.0.0.2]:8883");

        options.Validate().Select(f => f.Split(':')[0]).Should().BeEquivalentTo(
            "Scion.EndhostApi", "Tls.TrustedCertificates", "Tls.Certificate", "Tls.Key");
    }

    [Fact]
    public void Validate_certificate_without_its_key_is_a_fault_on_plain_IP_too()
    {
        var options = new ScionMqttClientOptions();
        options.Servers.Add("mqtt-quic://broker.example");
        options.Tls.TrustedCertificates = options.Tls.Certificate = typeof(ScionMqttClient).Assembly.Location;

        options.Validate().Should().ContainSingle().Which.Should().StartWith("Tls.Key:");
    }

    [Fact]
    public void Validate_values_out_of_range_are_named_with_their_range()
    {
        var options = new ScionMqttClientOptions
        {
            KeepAlivePeriod = TimeSpan.Zero,
            ReceiveMaximum = 0,
            MaximumPacketSize = 10,
            MaxPendingPublishes = 1_000_001,
        };
        options.Scion.Bind = "nowhere";
        options.Scion.LocalIsdAs = "1";
        options.Scion.Acl = "no operator";
        options.Scion.EndhostApi = new Uri("ftp://host/");

        var faults = options.Validate();

        foreach (var name in new[]
        {
            "KeepAlivePeriod", "ReceiveMaximum", "MaximumPacketSize", "MaxPendingPublishes", "Scion.Bind",
            "Scion.LocalIsdAs", "Scion.Acl", "Scion.EndhostApi",
        })
        {
            faults.Should().ContainSingle(f => f.StartsWith(name + ":"));
        }
    }

    [Fact]
    public void Validate_value_of_no_enumeration_is_told_for_its_option_alone()
    {
        var options = new ScionMqttClientOptions { OutboxOverflow = (OutboxOverflow)77 };

        options.Validate().Should().ContainSingle(f => f.Contains("77")).Which
            .Should().Be("OutboxOverflow: expected one of Wait, DropOldest, DropNewest, Fail, found 77.");
    }

    [Fact]
    public void Settings_are_a_copy_that_later_changes_leave_alone()
    {
        var options = new ScionMqttClientOptions { MaxQueuedMessages = 7 };
        options.Servers.Add("mqtt-quic://broker.example");
        options.Tls.TrustedCertificates = typeof(ScionMqttClient).Assembly.Location;
        options.Scion.ProbeInterval = null;

        var settings = ClientSettings.From(options);
        options.MaxQueuedMessages = 8;
        options.Servers.Clear();
        options.Scion.ProbeInterval = TimeSpan.FromSeconds(5);

        settings.Options.MaxQueuedMessages.Should().Be(7);
        settings.Options.Servers.Should().Equal("mqtt-quic://broker.example");
        settings.Options.Scion.ProbeInterval.Should().BeNull();
    }

    [Fact]
    public void Transport_names_its_own_options()
    {
        var options = new ScionQuicTransportOptions
        {
            Server = "nowhere",
            HandshakeTimeout = TimeSpan.Zero,
            QlogDirectory = "",
        };

        options.Validate().Select(f => f.Split(':')[0]).Should().Equal(
            "Server", "Tls.TrustedCertificates", "HandshakeTimeout", "QlogDirectory", "Scion.EndhostApi",
            "Tls.Certificate", "Tls.Key");
    }

    [Fact]
    public void Constructor_with_invalid_options_throws_with_all_faults()
    {
        var act = () => new ScionMqttClient(new ScionMqttClientOptions());

        act.Should().Throw<ArgumentException>().WithMessage("*Servers:*Tls.Key:*");
    }
}
