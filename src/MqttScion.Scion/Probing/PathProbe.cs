using MqttScion.Udp;

namespace MqttScion.Scion;

/// <summary>A probe that is to be sent.</summary>
/// <param name="Path">The path that it tries.</param>
/// <param name="Length">The length of the packet in bytes.</param>
/// <param name="NextHop">Where the packet goes.</param>
public readonly record struct PathProbe(ScionPath Path, int Length, UdpAddress NextHop);
