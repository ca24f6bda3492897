using System.Globalization;

namespace MqttScion.Quic;

/// <summary>Chooses the command that installs GnuTLS on a system.</summary>
internal static class GnuTlsInstallHint
{
    private const string OsReleasePath = "/etc/os-release";
    private const string AnySystem = "install GnuTLS with the system's package manager";

    /// <summary>The hint for the system we run on.</summary>
    public static string ForThisSystem()
    {
        if (OperatingSystem.IsMacOS())
        {
            return "brew install gnutls";
        }

        if (OperatingSystem.IsWindows())
        {
            return "put libgnutls-30.dll of https://www.gnutls.org/download.html on the PATH";
        }

        return File.Exists(OsReleasePath) ? ForOsRelease(File.ReadAllText(OsReleasePath)) : AnySystem;
    }

    /// <summary>The hint for the content of an os-release file.</summary>
    public static string ForOsRelease(string osRelease)
    {
        var fields = Parse(osRelease);
        var id = fields.GetValueOrDefault("ID", string.Empty);
        string[] family = [id, .. fields.GetValueOrDefault("ID_LIKE", string.Empty).Split(' ')];
        if (family.Contains("debian") || family.Contains("ubuntu"))
        {
            return $"apt install {DebianPackage(id, fields.GetValueOrDefault("VERSION_ID"))}";
        }

        if (family.Contains("alpine"))
        {
            return "apk add gnutls";
        }

        if (family.Contains("fedora") || family.Contains("rhel") || family.Contains("centos"))
        {
            return "dnf install gnutls";
        }

        if (family.Contains("suse") || family.Contains("opensuse"))
        {
            return "zypper install libgnutls30";
        }

        return family.Contains("arch") ? "pacman -S gnutls" : AnySystem;
    }

    // The package got a new name with the 64-bit time_t transition: Debian 13, Ubuntu 24.04. Testing has no version.
    private static string DebianPackage(string id, string? version)
    {
        var isRenamed = id switch
        {
            "debian" => version is null || Major(version) >= 13,
            "ubuntu" => version is null || Major(version) >= 24,
            _ => (bool?)null,
        };
        return isRenamed switch
        {
            true => "libgnutls30t64",
            false => "libgnutls30",
            null => "libgnutls30 (or libgnutls30t64)",
        };
    }

    private static int Major(string version) =>
        int.TryParse(version.Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major) ? major : 0;

    private static Dictionary<string, string> Parse(string osRelease)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in osRelease.Split('\n'))
        {
            var parts = line.Trim().Split('=', 2);
            if (parts.Length == 2)
            {
                fields[parts[0]] = parts[1].Trim('"', '\'');
            }
        }

        return fields;
    }
}
