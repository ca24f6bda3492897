namespace MqttScion.Quic;

/// <summary>What can be wrong with a peer's certificate, in the words of no library.</summary>
[Flags]
internal enum CertificateProblems
{
    None = 0,
    Revoked = 1 << 0,
    UnknownCa = 1 << 1,
    IssuerIsNoCa = 1 << 2,
    WrongSignature = 1 << 3,
    Expired = 1 << 4,
    NotYetValid = 1 << 5,
    WrongName = 1 << 6,
    WrongPurpose = 1 << 7,

    /// <summary>An RSA key below <see cref="PeerCheck.LeastRsaBits"/>, or a signature with SHA-1 or MD5.</summary>
    TooWeak = 1 << 8,
    BreaksConstraint = 1 << 9,
    OcspOutdated = 1 << 10,
    OcspOfFuture = 1 << 11,
    UnknownExtension = 1 << 12,

    /// <summary>Something else, of which <see cref="ChainCheck.Detail"/> tells.</summary>
    Other = 1 << 13,

    /// <summary>The check did not come to an end; <see cref="ChainCheck.Detail"/> says why.</summary>
    Uncheckable = 1 << 14,

    OutOfDate = Expired | NotYetValid,
}
