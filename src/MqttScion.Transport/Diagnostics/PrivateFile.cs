namespace MqttScion.Transport;

/// <summary>Opens files that only their owner may read.</summary>
internal static class PrivateFile
{
    /// <summary>Opens a file for writing; when it is made, with mode 0600.</summary>
    public static FileStream Open(string path, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        return new FileStream(path, options);
    }

    /// <summary>True for what goes wrong with files outside our power.</summary>
    public static bool IsFault(Exception e) => e is IOException or UnauthorizedAccessException;
}
