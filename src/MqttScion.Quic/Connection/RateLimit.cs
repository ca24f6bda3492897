namespace MqttScion.Quic;

/// <summary>Lets something happen so many times a second, and as often at once.</summary>
internal sealed class RateLimit(int perSecond)
{
    private double _budget = perSecond;
    private TimeSpan _filledAt;

    public bool TryTake(TimeSpan now)
    {
        if (now > _filledAt)
        {
            _budget = Math.Min(perSecond, _budget + (now - _filledAt).TotalSeconds * perSecond);
            _filledAt = now;
        }

        if (_budget < 1)
            return false;
        _budget--;
        return true;
    }
}
