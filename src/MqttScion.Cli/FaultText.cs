using MqttScion.Quic;

namespace MqttScion.Cli;

/// <summary>What a program failed with, in words for whoever typed its command line.</summary>
internal static class FaultText
{
    // The options of the library by the names under which its faults mention them.
    private static readonly (string Option, string Name)[] OptionNames =
    [
        ("TLS option ", ""),
        ("Tls.TrustedCertificates", "--ca-cert"),
        ("Tls.Certificate", "--cert"),
        ("Tls.KeyLogFile", "--keylog"),
        ("Tls.Key", "--key"),
        ("Tls.RevocationLists", "--revocation-list"),
    ];

    /// <summary>The text of an exception, without names that only a programmer knows.</summary>
    public static string Of(Exception cause) => cause switch
    {
        TlsConfigurationException => WithOptions(cause.Message),
        ArgumentException { ParamName: { } name } => WithOptions(
            cause.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal)),
        QuicConnectionException when cause.Message.Contains("has a wrong name: expected", StringComparison.Ordinal) =>
            cause.Message.TrimEnd('.')
            + ". If it is the right server all the same, name what its certificate carries with --host NAME.",
        _ => cause.Message,
    };

    private static string WithOptions(string text) => OptionNames.Aggregate(
        text, (before, each) => before.Replace(each.Option, each.Name, StringComparison.Ordinal));
}
