namespace MqttScion.Quic;

/// <summary>What a provider found when it checked a chain.</summary>
/// <param name="Problems">All that is wrong; none when the chain is good.</param>
/// <param name="Detail">The library's words for what has no flag of its own.</param>
internal readonly record struct ChainCheck(CertificateProblems Problems, string Detail = "");
