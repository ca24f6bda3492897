namespace MqttScion.Tools;

/// <summary>What the process ends with.</summary>
public static class ExitCode
{
    /// <summary>All was done.</summary>
    public const int Ok = 0;

    /// <summary>It failed at run time; one line on the standard error says why.</summary>
    public const int Failure = 1;

    /// <summary>
    /// The input of <c>inspect</c> is not what it should be; one line on the standard error says where.
    /// </summary>
    public const int Malformed = 2;

    /// <summary>
    /// Nobody reads the standard output any more: 128 and the number of SIGPIPE, by which most programs end then.
    /// </summary>
    public const int OutputClosed = 141;

    /// <summary>The command line is wrong (EX_USAGE of sysexits.h).</summary>
    public const int Usage = 64;

    /// <summary>Ctrl-C (SIGINT) ended it before it was done: 128 and the signal's number, as of a shell.</summary>
    public const int Interrupted = 130;

    /// <summary>SIGTERM ended it before it was done.</summary>
    public const int Terminated = 143;
}
