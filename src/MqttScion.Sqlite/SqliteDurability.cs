namespace MqttScion.Sqlite;

/// <summary>What a publish that was accepted survives.</summary>
public enum SqliteDurability
{
    /// <summary>
    /// The end of the process, of the operating system and of the power (<c>synchronous = FULL</c>): each commit waits
    /// until the disk has it.
    /// </summary>
    PowerLoss = 0,

    /// <summary>
    /// The end of the process (<c>synchronous = NORMAL</c>): a commit is with the operating system, which writes it
    /// soon. After a loss of power the last seconds can be missing; what is there is whole.
    /// </summary>
    ProcessCrash = 1,
}
