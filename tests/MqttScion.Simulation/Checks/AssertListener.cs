using System.Diagnostics;

namespace MqttScion.Simulation;

/// <summary>Makes a failed <see cref="Debug.Assert(bool)"/> of the engine fail its world, not the process.</summary>
internal sealed class AssertListener : TraceListener
{
    public static void Install()
    {
        Trace.Listeners.Clear();
        Trace.Listeners.Add(new AssertListener());
    }

    public override void Fail(string? message, string? detailMessage) =>
        throw new InvariantException($"an assertion of the engine failed: {message} {detailMessage}");

    public override void Write(string? message) => Console.Error.Write(message);

    public override void WriteLine(string? message) => Console.Error.WriteLine(message);
}
