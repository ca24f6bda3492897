namespace MqttScion.Testnet;

/// <summary>What a link is to the ASes at its ends.</summary>
public enum TopologyLinkType
{
    /// <summary>Between two core ASes.</summary>
    Core,

    /// <summary>From a parent (end A) to its child (end B).</summary>
    Child,

    /// <summary>Between two ASes that exchange only their own and their children's packets.</summary>
    Peer,
}
