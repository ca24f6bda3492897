using System.CommandLine;

namespace MqttScion.Cli;

/// <summary>The option <c>--qos</c>.</summary>
internal static class QosOption
{
    /// <summary>Makes the option; QoS 2 is not supported.</summary>
    public static Option<int> Create()
    {
        var option = new Option<int>("--qos")
        {
            Description = "Quality of service: 0 at most once, 1 at least once.",
            HelpName = "0|1",
            DefaultValueFactory = _ => 1,
        };
        option.AcceptOnlyFromAmong("0", "1");
        return option;
    }
}
