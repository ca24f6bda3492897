using System.Reflection;

namespace MqttScion.Tidy.Tests;

/// <summary>Rule 17: what a library fails with can be caught by its base.</summary>
public sealed class ExceptionTests
{
    [Theory]
    [InlineData("MqttScion.Udp")]
    [InlineData("MqttScion.Scion", "PathLookupException")]
    [InlineData("MqttScion.Quic", "QuicTlsException")]
    [InlineData("MqttScion.Mqtt")]
    [InlineData("MqttScion.Transport", "TransportException")]
    [InlineData("MqttScion", "MqttClientException")]
    [InlineData("MqttScion.Sqlite", "OutboxStoreException")]
    public void Public_exceptions_of_a_library_are_one_family(string assembly, params string[] families)
    {
        var exceptions = Assembly.Load(assembly).GetExportedTypes()
            .Where(type => type.IsSubclassOf(typeof(Exception)))
            .ToList();

        exceptions.Where(type => type.BaseType!.Assembly != type.Assembly).Select(root => root.Name)
            .Should().BeEquivalentTo(families);
        var bases = exceptions.Select(type => type.BaseType).ToHashSet();
        exceptions.Where(type => bases.Contains(type) ? !type.IsAbstract : !type.IsSealed)
            .Should().BeEmpty("a base is caught, and only a leaf is thrown");
    }
}
