using MqttScion.Quic;

namespace MqttScion.Tools;

/// <summary>What a program failed with, in words for whoever typed its command line.</summary>
public static class FaultText
{
    // The options of the libraries by the names under which their faults mention them, in both programs.
    private static readonly (string Property, string Option)[] Names =
    [
        ("Tls.TrustedCertificates", "--ca-cert"),
        ("Tls.Certificate", "--cert"),
        ("Tls.KeyLogFile", "--keylog"),
        ("Tls.Key", "--key"),
        ("Tls.RevocationLists", "--revocation-list"),
        ("QlogDirectory", "--qlog"),
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

    /// <summary>The faults of options as their <c>Validate</c> tells them, by the names of the command line.</summary>
    /// <param name="faults">Each begins with the name of the option and a colon.</param>
    /// <param name="own">The options that only this program has, by the names of both.</param>
    public static string Of(IEnumerable<string> faults, params (string Property, string Option)[] own) =>
        string.Join(' ', faults.Select(fault => Rename(fault, [.. own, .. Names])));

    private static string Rename(string fault, (string Property, string Option)[] names)
    {
        var end = fault.IndexOf(':', StringComparison.Ordinal);
        return end >= 0 && Array.Find(names, each => each.Property == fault[..end]) is { Option: { } option }
            ? string.Concat(option, fault.AsSpan(end))
            : fault;
    }

    private static string WithOptions(string text) => Names.Aggregate(
        text.Replace("TLS option ", "", StringComparison.Ordinal),
        (before, each) => before.Replace(each.Property, each.Option, StringComparison.Ordinal));
}
