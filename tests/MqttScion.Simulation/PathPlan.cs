namespace MqttScion.Simulation;

/// <summary>One path between the hosts.</summary>
/// <param name="DatagramBytes">The size that both hosts are told.</param>
/// <param name="Headroom">What the hosts leave in front of each datagram.</param>
/// <param name="ToServer">The way to the server.</param>
/// <param name="ToClient">The way to the client.</param>
internal sealed record PathPlan(int DatagramBytes, int Headroom, LinkPlan ToServer, LinkPlan ToClient);
