using System.CommandLine;

namespace MqttScion.Cli;

/// <summary>Options that are a quality of service.</summary>
internal static class QosOption
{
    /// <summary>Makes the option <c>--qos</c>, or one with another name.</summary>
    public static Option<int> Create(
        string name = "--qos", string description = "Quality of service", int defaultValue = 1)
    {
        var option = new Option<int>(name)
        {
            Description = $"{description}: 0 at most once, 1 at least once, 2 exactly once.",
            HelpName = "0|1|2",
            DefaultValueFactory = _ => defaultValue,
        };
        option.AcceptOnlyFromAmong("0", "1", "2");
        return option;
    }
}
