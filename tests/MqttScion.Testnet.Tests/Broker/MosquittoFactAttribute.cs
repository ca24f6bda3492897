namespace MqttScion.Testnet.Tests;

/// <summary>A test that needs mosquitto's command line clients; skipped by name where they are not installed.</summary>
public sealed class MosquittoFactAttribute : FactAttribute
{
    public MosquittoFactAttribute()
    {
        if (FindClient("mosquitto_pub") is null || FindClient("mosquitto_sub") is null)
        {
            Skip = "mosquitto_pub and mosquitto_sub are not installed (apt install mosquitto-clients).";
        }
    }

    public static string? FindClient(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
}
