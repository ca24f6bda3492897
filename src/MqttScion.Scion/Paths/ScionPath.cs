using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace MqttScion.Scion;

/// <summary>A forwarding path from one AS to another, with what is known about it. Immutable.</summary>
/// <remarks>
/// Two paths are equal when they join the same ASes over the same interfaces: a renewed path (later expiry, other
/// authenticators) equals the one it replaces.
/// </remarks>
public sealed class ScionPath : IEquatable<ScionPath>
{
    private readonly PathInterface[] _interfaces;
    private readonly int _hashCode;
    private string? _fingerprint;

    private ScionPath(IsdAs source, IsdAs destination, PathInterface[] interfaces)
    {
        Source = source;
        Destination = destination;
        _interfaces = interfaces;
        _hashCode = HashCodeOf(source, interfaces);
        Hops = HopsOf(source, interfaces);
    }

    private ScionPath(ScionPath path)
    {
        (Source, Destination, _interfaces, Hops) = (path.Source, path.Destination, path._interfaces, path.Hops);
        (DataplanePath, Mtu, Expiry, NextHop) = (path.DataplanePath, path.Mtu, path.Expiry, path.NextHop);
        (Metadata, _hashCode, _fingerprint) = (path.Metadata, path._hashCode, path._fingerprint);
    }

    /// <summary>Makes a path that crosses at least one link.</summary>
    /// <param name="dataplanePath">The encoded standard path, ready for the packet header at the source.</param>
    /// <param name="interfaces">Pairs (exit, entry) in the order of travel, from source to destination.</param>
    /// <param name="mtu">Bytes of the largest SCION packet, its header included.</param>
    /// <param name="expiry">When the first hop field of the path expires.</param>
    /// <param name="nextHop">The internal address of the border router that owns the first interface.</param>
    /// <exception cref="ArgumentException">The interfaces are not a non-empty list of pairs.</exception>
    public ScionPath(
        ReadOnlyMemory<byte> dataplanePath,
        IReadOnlyList<PathInterface> interfaces,
        int mtu,
        DateTimeOffset expiry,
        IPEndPoint? nextHop)
        : this(SourceOf(interfaces), interfaces[^1].IsdAs, [.. interfaces])
    {
        DataplanePath = dataplanePath;
        Mtu = mtu;
        Expiry = expiry;
        NextHop = nextHop;
    }

    /// <summary>The AS in which the path begins.</summary>
    public IsdAs Source { get; }

    /// <summary>The AS in which the path ends.</summary>
    public IsdAs Destination { get; }

    /// <summary>The encoded standard path (path type 1); empty when source and destination are the same AS.</summary>
    public ReadOnlyMemory<byte> DataplanePath { get; private init; }

    /// <summary>The interfaces in the order of travel: exit of an AS, entry of the next, and so on.</summary>
    public IReadOnlyList<PathInterface> Interfaces => _interfaces;

    /// <summary>The ASes in the order of travel, the source first.</summary>
    public IReadOnlyList<PathHop> Hops { get; }

    /// <summary>Bytes of the largest SCION packet that the path announces to carry, SCION header included.</summary>
    public int Mtu { get; private init; }

    /// <summary>When the first hop field of the path expires.</summary>
    public DateTimeOffset Expiry { get; private init; }

    /// <summary>
    /// Where the source sends packets: the internal address of the border router that owns the first interface; null
    /// inside one AS, where packets go straight to the destination host.
    /// </summary>
    public IPEndPoint? NextHop { get; private init; }

    /// <summary>What the ASes along the path announce about it.</summary>
    public PathMetadata Metadata { get; private init; } = PathMetadata.None;

    /// <summary>
    /// Names the sequence of interfaces: hexadecimal SHA-256, equal to scionproto's fingerprint; empty inside one AS.
    /// </summary>
    public string Fingerprint => _fingerprint ??= FingerprintOf(_interfaces);

    /// <summary>True when source and destination are the same AS.</summary>
    public bool IsLocal => _interfaces.Length == 0;

    /// <summary>The path inside one AS: no interfaces, and the packet carries no path.</summary>
    public static ScionPath SameAs(IsdAs isdAs, int mtu, DateTimeOffset expiry) =>
        new(isdAs, isdAs, []) { Mtu = mtu, Expiry = expiry };

    /// <summary>The same path with a border router to send to.</summary>
    public ScionPath WithNextHop(IPEndPoint? nextHop) => new(this) { NextHop = nextHop };

    /// <summary>The same path with what is announced about it.</summary>
    public ScionPath WithMetadata(PathMetadata metadata) => new(this) { Metadata = metadata };

    /// <inheritdoc/>
    public bool Equals(ScionPath? other) =>
        other is not null
        && _hashCode == other._hashCode
        && Source == other.Source
        && _interfaces.AsSpan().SequenceEqual(other._interfaces);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ScionPath);

    /// <inheritdoc/>
    public override int GetHashCode() => _hashCode;

    /// <summary>The ASes and interfaces, such as <c>1-ff00:0:111 1>2 1-ff00:0:110 3>1 2-ff00:0:210</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Source.ToString());
        for (var i = 0; i < _interfaces.Length; i += 2)
        {
            var (exit, entry) = (_interfaces[i], _interfaces[i + 1]);
            text.Append(CultureInfo.InvariantCulture, $" {exit.Id}>{entry.Id} {entry.IsdAs}");
        }
        return text.ToString();
    }

    private static IsdAs SourceOf(IReadOnlyList<PathInterface> interfaces)
    {
        ArgumentNullException.ThrowIfNull(interfaces);
        if (interfaces.Count == 0 || interfaces.Count % 2 != 0)
        {
            throw new ArgumentException(
                FormattableString.Invariant($"A path needs pairs of interfaces; it has {interfaces.Count}."),
                nameof(interfaces));
        }
        return interfaces[0].IsdAs;
    }

    private static PathHop[] HopsOf(IsdAs source, PathInterface[] interfaces)
    {
        var hops = new PathHop[interfaces.Length / 2 + 1];
        for (var i = 0; i < hops.Length; i++)
        {
            var ingress = i == 0 ? (ushort)0 : interfaces[2 * i - 1].Id;
            var egress = i == hops.Length - 1 ? (ushort)0 : interfaces[2 * i].Id;
            hops[i] = new PathHop(i == 0 ? source : interfaces[2 * i - 1].IsdAs, ingress, egress);
        }
        return hops;
    }

    private static int HashCodeOf(IsdAs source, PathInterface[] interfaces)
    {
        var hash = new HashCode();
        hash.Add(source.Value);
        foreach (var each in interfaces)
        {
            hash.Add(each.IsdAs.Value ^ (ulong)each.Id << 32);
        }
        return hash.ToHashCode();
    }

    private static string FingerprintOf(PathInterface[] interfaces)
    {
        if (interfaces.Length == 0)
        {
            return "";
        }
        var input = new byte[interfaces.Length * 16];
        for (var i = 0; i < interfaces.Length; i++)
        {
            BinaryPrimitives.WriteUInt64BigEndian(input.AsSpan(i * 16), interfaces[i].IsdAs.Value);
            BinaryPrimitives.WriteUInt64BigEndian(input.AsSpan(i * 16 + 8), interfaces[i].Id);
        }
        return Convert.ToHexStringLower(SHA256.HashData(input));
    }
}
