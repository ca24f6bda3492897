using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.InteropServices;

namespace MqttScion.Quic;

/// <summary>Finds and loads GnuTLS, the TLS 1.3 engine under QUIC. Thread-safe.</summary>
/// <remarks>
/// The library is looked up under its system name. The environment variable <c>MQTTSCION_GNUTLS</c> names another file
/// or path to load instead; it is read once per process.
/// </remarks>
internal static class GnuTlsLibrary
{
    /// <summary>The oldest version that works: its QUIC hooks can leave out EndOfEarlyData (RFC 9001 §8.3).</summary>
    public const string MinimumVersion = "3.7.2";

    /// <summary>The environment variable that names another library file or path.</summary>
    public const string PathVariable = "MQTTSCION_GNUTLS";

    private static readonly Lazy<(nint Handle, string? Problem)> Loaded = new(LoadForThisProcess);

    /// <summary>The version of the library that was found; null when none was.</summary>
    public static string? Version => VersionOf(Loaded.Value.Handle);

    /// <summary>
    /// Loads the library if that has not happened yet. False when it is absent or too old; <paramref name="problem"/>
    /// then says in one line what is missing and how to install it.
    /// </summary>
    public static bool TryLoad([NotNullWhen(false)] out string? problem)
    {
        problem = Loaded.Value.Problem;
        return problem is null;
    }

    /// <summary>Loads the library if that has not happened yet.</summary>
    /// <exception cref="TlsUnavailableException">The library is absent or too old.</exception>
    public static void EnsureAvailable()
    {
        if (!TryLoad(out var problem))
        {
            throw new TlsUnavailableException(problem);
        }
    }

    /// <summary>The library's text for one of its error codes.</summary>
    internal static unsafe string ErrorText(int error) =>
        Marshal.PtrToStringUTF8((nint)GnuTlsNative.StrError(error)) ?? $"error {error}";

    /// <summary>Loads the first of some file names; a problem when none loads or the version is too old.</summary>
    internal static (nint Handle, string? Problem) Load(IReadOnlyList<string> names, string minimumVersion)
    {
        foreach (var name in names)
        {
            if (NativeLibrary.TryLoad(name, out var handle))
            {
                return (handle, VersionProblem(handle, name, minimumVersion));
            }
        }

        return (0, $"GnuTLS {minimumVersion} or later is needed but {names[0]} cannot be loaded: {Hint}");
    }

    /// <summary>The file names to try, the best first.</summary>
    internal static IReadOnlyList<string> Names(string? chosen)
    {
        if (!string.IsNullOrEmpty(chosen))
        {
            return [chosen];
        }

        if (OperatingSystem.IsMacOS())
        {
            return ["libgnutls.30.dylib", "/opt/homebrew/lib/libgnutls.30.dylib", "/usr/local/lib/libgnutls.30.dylib"];
        }

        return OperatingSystem.IsWindows() ? ["libgnutls-30.dll"] : ["libgnutls.so.30"];
    }

    private static string Hint => GnuTlsInstallHint.ForThisSystem();

    private static (nint Handle, string? Problem) LoadForThisProcess()
    {
        NativeLibrary.SetDllImportResolver(typeof(GnuTlsLibrary).Assembly, Resolve);
        return Load(Names(Environment.GetEnvironmentVariable(PathVariable)), MinimumVersion);
    }

    private static nint Resolve(string libraryName, Assembly assembly, DllImportSearchPath? searchPath) =>
        libraryName == GnuTlsNative.Library ? Loaded.Value.Handle : 0;

    private static unsafe string? VersionOf(nint handle) => TryGetVersionCheck(handle, out var export)
        ? Marshal.PtrToStringUTF8((nint)((delegate* unmanaged[Cdecl]<byte*, byte*>)export)(null))
        : null;

    private static bool TryGetVersionCheck(nint handle, out nint export)
    {
        export = 0;
        return handle != 0 && NativeLibrary.TryGetExport(handle, "gnutls_check_version", out export);
    }

    private static unsafe string? VersionProblem(nint handle, string name, string minimumVersion)
    {
        if (!TryGetVersionCheck(handle, out var export))
        {
            return $"GnuTLS {minimumVersion} or later is needed but {name} is another library: {Hint}";
        }

        var checkVersion = (delegate* unmanaged[Cdecl]<byte*, byte*>)export;
        var required = Marshal.StringToCoTaskMemUTF8(minimumVersion);
        try
        {
            return checkVersion((byte*)required) is not null
                ? null
                : $"GnuTLS {minimumVersion} or later is needed but {name} is {VersionOf(handle)}: {Hint}";
        }
        finally
        {
            Marshal.FreeCoTaskMem(required);
        }
    }
}
