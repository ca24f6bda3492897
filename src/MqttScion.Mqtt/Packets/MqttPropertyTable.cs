namespace MqttScion.Mqtt;

/// <summary>The table of MQTT 5 §2.2.2.2: the data type of each property, and the packets that it may be in.</summary>
internal static class MqttPropertyTable
{
    private const MqttPropertyScope Acks = MqttPropertyScope.PubAcks | MqttPropertyScope.SubAcks;

    private const MqttPropertyScope Anywhere = Acks | MqttPropertyScope.Connect | MqttPropertyScope.ConnAck
        | MqttPropertyScope.Publish | MqttPropertyScope.Will | MqttPropertyScope.Subscribe
        | MqttPropertyScope.Unsubscribe | MqttPropertyScope.Disconnect | MqttPropertyScope.Auth;

    private const MqttPropertyScope Message = MqttPropertyScope.Publish | MqttPropertyScope.Will;
    private const MqttPropertyScope Opening = MqttPropertyScope.Connect | MqttPropertyScope.ConnAck;

    private static readonly (MqttPropertyKind Kind, MqttPropertyScope Scope)[] _rows = Build();

    /// <summary>The data type; <see cref="MqttPropertyKind.Unknown"/> for an identifier that is not in the
    /// table.</summary>
    public static MqttPropertyKind KindOf(MqttPropertyId id) => (uint)id < _rows.Length ? _rows[(int)id].Kind : default;

    public static MqttPropertyScope ScopeOf(MqttPropertyId id) => _rows[(int)id].Scope;

    private static (MqttPropertyKind, MqttPropertyScope)[] Build()
    {
        var rows = new (MqttPropertyKind, MqttPropertyScope)[(int)MqttPropertyId.SharedSubscriptionAvailable + 1];
        void Row(MqttPropertyId id, MqttPropertyKind kind, MqttPropertyScope scope) => rows[(int)id] = (kind, scope);

        Row(MqttPropertyId.PayloadFormatIndicator, MqttPropertyKind.Bool, Message);
        Row(MqttPropertyId.MessageExpiryInterval, MqttPropertyKind.UInt32, Message);
        Row(MqttPropertyId.ContentType, MqttPropertyKind.Text, Message);
        Row(MqttPropertyId.ResponseTopic, MqttPropertyKind.Text, Message);
        Row(MqttPropertyId.CorrelationData, MqttPropertyKind.Binary, Message);
        Row(MqttPropertyId.SubscriptionIdentifier, MqttPropertyKind.NonZeroVarInt,
            MqttPropertyScope.Publish | MqttPropertyScope.Subscribe);
        Row(MqttPropertyId.SessionExpiryInterval, MqttPropertyKind.UInt32, Opening | MqttPropertyScope.Disconnect);
        Row(MqttPropertyId.AssignedClientIdentifier, MqttPropertyKind.Text, MqttPropertyScope.ConnAck);
        Row(MqttPropertyId.ServerKeepAlive, MqttPropertyKind.UInt16, MqttPropertyScope.ConnAck);
        Row(MqttPropertyId.AuthenticationMethod, MqttPropertyKind.Text, Opening | MqttPropertyScope.Auth);
        Row(MqttPropertyId.AuthenticationData, MqttPropertyKind.Binary, Opening | MqttPropertyScope.Auth);
        Row(MqttPropertyId.RequestProblemInformation, MqttPropertyKind.Bool, MqttPropertyScope.Connect);
        Row(MqttPropertyId.WillDelayInterval, MqttPropertyKind.UInt32, MqttPropertyScope.Will);
        Row(MqttPropertyId.RequestResponseInformation, MqttPropertyKind.Bool, MqttPropertyScope.Connect);
        Row(MqttPropertyId.ResponseInformation, MqttPropertyKind.Text, MqttPropertyScope.ConnAck);
        Row(MqttPropertyId.ServerReference, MqttPropertyKind.Text,
            MqttPropertyScope.ConnAck | MqttPropertyScope.Disconnect);
        Row(MqttPropertyId.ReasonString, MqttPropertyKind.Text,
            Acks | MqttPropertyScope.ConnAck | MqttPropertyScope.Disconnect | MqttPropertyScope.Auth);
        Row(MqttPropertyId.ReceiveMaximum, MqttPropertyKind.NonZeroUInt16, Opening);
        Row(MqttPropertyId.TopicAliasMaximum, MqttPropertyKind.UInt16, Opening);
        Row(MqttPropertyId.TopicAlias, MqttPropertyKind.NonZeroUInt16, MqttPropertyScope.Publish);
        Row(MqttPropertyId.MaximumQoS, MqttPropertyKind.Bool, MqttPropertyScope.ConnAck);
        Row(MqttPropertyId.RetainAvailable, MqttPropertyKind.Bool, MqttPropertyScope.ConnAck);
        Row(MqttPropertyId.UserProperty, MqttPropertyKind.TextPair, Anywhere);
        Row(MqttPropertyId.MaximumPacketSize, MqttPropertyKind.NonZeroUInt32, Opening);
        Row(MqttPropertyId.WildcardSubscriptionAvailable, MqttPropertyKind.Bool, MqttPropertyScope.ConnAck);
        Row(MqttPropertyId.SubscriptionIdentifierAvailable, MqttPropertyKind.Bool, MqttPropertyScope.ConnAck);
        Row(MqttPropertyId.SharedSubscriptionAvailable, MqttPropertyKind.Bool, MqttPropertyScope.ConnAck);
        return rows;
    }
}
