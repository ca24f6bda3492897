namespace MqttScion.Quic;

/// <summary>Who hears what became of the frames that were sent.</summary>
internal interface IFrameOutcomes
{
    /// <summary>The packet with the frame was acknowledged.</summary>
    void OnFrameAcknowledged(SpaceId space, in SentFrame frame);

    /// <summary>The packet with the frame is lost, or a probe is to repeat it: the content goes out again.</summary>
    void OnFrameLost(SpaceId space, in SentFrame frame);
}
