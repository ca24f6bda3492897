namespace MqttScion.Options;

/// <summary>What must be where the path of an option leads, when the options are checked.</summary>
public enum OptionPathTarget
{
    /// <summary>A file.</summary>
    File,

    /// <summary>Nothing yet: the file is looked for on use.</summary>
    LaterFile,

    /// <summary>The directory of a file that is made or appended to.</summary>
    WrittenFile,

    /// <summary>A directory.</summary>
    Directory,
}
