namespace MqttScion.Scion;

/// <summary>Tells whether a quoted packet is one that we sent, such as a packet of a connection that we have.</summary>
/// <remarks>Called on the thread that received the SCMP error; returns at once.</remarks>
/// <param name="quote">The packet that an SCMP error quotes; its end may be cut off.</param>
public delegate bool ScmpQuoteCheck(in ScmpQuote quote);
