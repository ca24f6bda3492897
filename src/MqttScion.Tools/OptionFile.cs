namespace MqttScion.Tools;

/// <summary>Reads files that options name; a fault names the option.</summary>
public static class OptionFile
{
    /// <summary>Reads a file.</summary>
    /// <param name="option">With the dashes.</param>
    /// <param name="file">The file.</param>
    /// <param name="read">Reads it.</param>
    /// <exception cref="CommandException">It is absent, or may not be read.</exception>
    public static T Read<T>(string option, string file, Func<string, T> read)
    {
        try
        {
            return read(file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CommandException($"{option}: the file '{file}' does not exist.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{option}: '{file}' can't be read: {e.Message}", e);
        }
    }
}
