using System.Text;
using Microsoft.Extensions.Configuration;

namespace MqttScion.Tests.DependencyInjection;

/// <summary>Reads options from the text of an appsettings.json.</summary>
internal static class ExampleSettings
{
    public static ScionMqttClientOptions Read(string json, string section)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(json));
        var options = new ScionMqttClientOptions();
        ConfigurationReader.Apply(
            new ConfigurationBuilder().AddJsonStream(stream).Build().GetSection(section), options, name: "");
        return options;
    }
}
