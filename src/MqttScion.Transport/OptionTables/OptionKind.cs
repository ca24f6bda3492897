namespace MqttScion.Options;

/// <summary>How an option is written as text.</summary>
public enum OptionKind
{
    /// <summary>An object without a text: code sets it, or a reader that knows its type.</summary>
    Structured,

    /// <summary>True or false.</summary>
    Flag,

    /// <summary>A whole number.</summary>
    Number,

    /// <summary>A time span such as <c>00:00:15</c>.</summary>
    Duration,

    /// <summary>The name of a value of an enumeration.</summary>
    Choice,

    /// <summary>An absolute URL.</summary>
    Url,

    /// <summary>Text, which may be a secret.</summary>
    Text,

    /// <summary>The path of a file or directory.</summary>
    Path,

    /// <summary>A list of texts.</summary>
    List,
}
