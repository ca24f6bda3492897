namespace MqttScion.Testnet;

/// <summary>What is wrong with a test certificate.</summary>
public enum CertificateFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It expired yesterday.</summary>
    Expired,

    /// <summary>It becomes valid tomorrow.</summary>
    NotYetValid,

    /// <summary>It names another host.</summary>
    WrongName,

    /// <summary>A CA issued it that nobody trusts.</summary>
    UnknownCa,

    /// <summary>
    /// Its extended key usage is the other side's: a server's on a client's certificate, and the reverse.
    /// </summary>
    WrongUsage,

    /// <summary>It has no extended key usage, which is allowed.</summary>
    NoUsage,
}
