namespace MqttScion.Tools;

/// <summary>A command can't do what it was asked to; the message is one line for its user.</summary>
public sealed class CommandException(string message, Exception? cause = null) : Exception(message, cause);
