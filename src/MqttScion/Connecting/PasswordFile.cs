using System.Text;

namespace MqttScion;

/// <summary>A file that holds an MQTT password; a line break at its end does not count.</summary>
internal static class PasswordFile
{
    private const int MaxBytes = ushort.MaxValue; // MQTT 5 §3.1.3.6: its length has two bytes.

    /// <summary>Reads the password.</summary>
    /// <exception cref="IOException">The file can't be read, or holds too much.</exception>
    public static byte[] Read(string path)
    {
        if (new FileInfo(path).Length > MaxBytes + 2)
        {
            throw new IOException($"PasswordFile: '{path}' holds more than the {MaxBytes} bytes of a password.");
        }
        var password = Encoding.UTF8.GetBytes(File.ReadAllText(path).TrimEnd('\r', '\n'));
        return password.Length <= MaxBytes
            ? password
            : throw new IOException($"PasswordFile: '{path}' holds more than the {MaxBytes} bytes of a password.");
    }
}
