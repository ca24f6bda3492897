using System.Text.RegularExpressions;

namespace MqttScion.Tidy.Tests;

/// <summary>Rule 48: a native library is named in its provider's folder, and nowhere else in the product.</summary>
public sealed partial class CryptoSeamTests
{
    private const string Folder = "src/MqttScion.Quic/Crypto/GnuTls";

    [Fact]
    public void Library_under_TLS_is_named_in_the_folder_of_its_provider_only() =>
        Finding.ExpectNone(
            from file in RepositoryTree.Files
            where file.IsUnder("src", "testnet", "samples") && !file.IsUnder(Folder)
            from finding in file.Matches(Library(), file.Text, 48, "only " + Folder + " names it, see QuicCrypto")
            select finding);

    [Fact]
    public void Provider_has_the_folder_that_the_rule_spares() =>
        RepositoryTree.CSharp.Where(f => f.IsUnder(Folder)).Should().Contain(f => Library().IsMatch(f.Code));

    [GeneratedRegex("gnutls", RegexOptions.IgnoreCase)]
    private static partial Regex Library();
}
