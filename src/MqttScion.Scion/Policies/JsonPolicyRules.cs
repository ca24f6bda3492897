namespace MqttScion.Scion;

/// <summary>What a JSON policy consists of; null or empty what it does not have.</summary>
internal sealed record JsonPolicyRules
{
    public LocalAsPolicy? LocalIsdAses { get; init; }

    public RemoteAsPolicy? RemoteIsdAses { get; init; }

    public InterfaceAclPolicy? Acl { get; init; }

    public SequencePolicy? Sequence { get; init; }

    public IReadOnlyList<PolicyOption> Options { get; init; } = [];

    /// <summary>How many policies these are, each option counted as often as it is evaluated.</summary>
    public int Count => 1 + Options.Sum(option => option.Policy.Rules.Count);

    /// <summary>The depth of the deepest policy that these extend; 0 for none.</summary>
    public int ExtendedDepth { get; init; }

    /// <summary>How many policies lie in each other, by options and by extension, these included.</summary>
    public int Depth => 1 + Math.Max(ExtendedDepth, Options.Max(option => (int?)option.Policy.Rules.Depth) ?? 0);

    /// <summary>These, and what they do not have from others.</summary>
    public JsonPolicyRules Extend(JsonPolicyRules others) => new()
    {
        LocalIsdAses = LocalIsdAses ?? others.LocalIsdAses,
        RemoteIsdAses = RemoteIsdAses ?? others.RemoteIsdAses,
        Acl = Acl ?? others.Acl,
        Sequence = Sequence ?? others.Sequence,
        Options = Options.Count > 0 ? Options : others.Options,
        ExtendedDepth = Math.Max(ExtendedDepth, others.Depth),
    };
}
