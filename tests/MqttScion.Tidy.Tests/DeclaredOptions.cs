using MqttScion.Options;
using MqttScion.Proxy;

namespace MqttScion.Tidy.Tests;

/// <summary>The options of one type, with an instance that has the defaults.</summary>
internal sealed record DeclaredOptions(Type Type, OptionTable Table, object Defaults)
{
    public static IReadOnlyList<DeclaredOptions> All { get; } =
    [
        new(typeof(ScionMqttClientOptions), OptionTable.Of<ScionMqttClientOptions>(), new ScionMqttClientOptions()),
        new(typeof(MqttDeliveryOptions), OptionTable.Of<MqttDeliveryOptions>(), new MqttDeliveryOptions()),
        new(typeof(ScionOptions), OptionTable.Of<ScionOptions>(), new ScionOptions()),
        new(typeof(TlsOptions), OptionTable.Of<TlsOptions>(), new TlsOptions()),
        new(
            typeof(ScionQuicTransportOptions),
            OptionTable.Of<ScionQuicTransportOptions>(),
            new ScionQuicTransportOptions()),
        new(
            typeof(ScionQuicConnectionOptions),
            OptionTable.Of<ScionQuicConnectionOptions>(),
            new ScionQuicConnectionOptions()),
        new(
            typeof(ScionQuicListenerOptions),
            OptionTable.Of<ScionQuicListenerOptions>(),
            new ScionQuicListenerOptions()),
        new(typeof(ProxyOptions), OptionTable.Of<ProxyOptions>(), new ProxyOptions()),
    ];

    /// <summary>The options without those of the groups, which have a table of their own.</summary>
    public IEnumerable<OptionEntry> Own => Table.Entries.Where(option => option.Property.DeclaringType == Type);
}
