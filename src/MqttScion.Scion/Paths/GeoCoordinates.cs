namespace MqttScion.Scion;

/// <summary>Where a border router stands, as its AS announces it.</summary>
/// <param name="Latitude">Degrees north, WGS 84.</param>
/// <param name="Longitude">Degrees east, WGS 84.</param>
/// <param name="Address">The postal address; may be empty.</param>
public sealed record GeoCoordinates(float Latitude, float Longitude, string Address);
