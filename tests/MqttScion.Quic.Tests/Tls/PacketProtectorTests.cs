namespace MqttScion.Quic.Tests;

/// <summary>Both packet protectors against RFC 9001 Appendix A and against each other.</summary>
public class PacketProtectorTests
{
    private const string ClientInitialSecret = "c00cf151ca5be075ed0ebfb5c80323c42d6b7db67881289af4008f1f6c357aea";
    private const string ServerInitialSecret = "3c199828fd139efd216c155ad844cc81fb82fa8d7446fa7d78be803acdda951b";
    private const string ChaChaSecret = "9ac312a7f877468ebe69422748ad00a15443f18203a07d6060f688f30f21632b";

    public static TheoryData<bool> Factories => [true, false];

    public static TheoryData<QuicCipherSuite> Suites => [.. Enum.GetValues<QuicCipherSuite>()];

    public static TheoryData<bool, QuicCipherSuite> FactoriesAndSuites
    {
        get
        {
            var data = new TheoryData<bool, QuicCipherSuite>();
            foreach (var suite in Enum.GetValues<QuicCipherSuite>())
            {
                data.Add(true, suite);
                data.Add(false, suite);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Factories))]
    public void Seal_of_client_initial_of_rfc9001_a2_matches(bool gnuTls)
    {
        using var protector = InitialProtector(gnuTls, ClientInitialSecret);
        var packet = new byte[1200];
        Convert.FromHexString("c300000001088394c8f03e5157080000449e00000002").CopyTo(packet, 0);
        Convert.FromHexString(
            "060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e868" +
            "04fe3a47f06a2b69484c00000413011302010000c000000010000e00000b6578" +
            "616d706c652e636f6dff01000100000a00080006001d00170018001000070005" +
            "04616c706e000500050100000000003300260024001d00209370b2c9caa47fba" +
            "baf4559fedba753de171fa71f50f1ce15d43e994ec74d748002b000302030400" +
            "0d0010000e0403050306030203080408050806002d00020101001c0002400100" +
            "3900320408ffffffffffffffff05048000ffff07048000ffff08011001048000" +
            "75300901100f088394c8f03e51570806048000ffff").CopyTo(packet, 22);

        Protect(protector, packet, packetNumber: 2, headerLength: 22, packetNumberLength: 4);

        Hex(packet[..64]).Should().Be(
            "c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11" +
            "d242b123dc9bd8bab936b47d92ec356c0bab7df5976d27cd449f63300099f399");
        Hex(packet[^16..]).Should().Be("e221af44860018ab0856972e194cd934");
    }

    [Theory]
    [MemberData(nameof(Factories))]
    public void Seal_of_server_initial_of_rfc9001_a3_matches(bool gnuTls)
    {
        using var protector = InitialProtector(gnuTls, ServerInitialSecret);
        var header = Convert.FromHexString("c1000000010008f067a5502a4262b50040750001");
        var payload = Convert.FromHexString(
            "02000000000600405a020000560303eefce7f7b37ba1d1632e96677825ddf739" +
            "88cfc79825df566dc5430b9a045a1200130100002e00330024001d00209d3c94" +
            "0d89690b84d08a60993c144eca684d1081287c834d5311bcf32bb9da1a002b00" +
            "020304");
        byte[] packet = [.. header, .. payload, .. new byte[IPacketProtector.TagLength]];

        Protect(protector, packet, packetNumber: 1, header.Length, packetNumberLength: 2);

        Hex(packet).Should().Be(
            "cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a" +
            "5816b6394100f37a1c69797554780bb38cc5a99f5ede4cf73c3ec2493a1839b3" +
            "dbcba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b562bfb19fb84" +
            "022f8ef4cdd93795d77d06edbb7aaf2f58891850abbdca3d20398c276456cbc4" +
            "2158407dd074ee");
    }

    [Theory]
    [MemberData(nameof(Factories))]
    public void Seal_of_short_header_packet_of_rfc9001_a5_matches(bool gnuTls)
    {
        using var protector = Factory(gnuTls)
            .Create(QuicCipherSuite.ChaCha20Poly1305Sha256, Convert.FromHexString(ChaChaSecret));
        byte[] packet = [.. Convert.FromHexString("4200bff401"), .. new byte[IPacketProtector.TagLength]];

        Protect(protector, packet, packetNumber: 654360564, headerLength: 4, packetNumberLength: 3);

        Hex(packet).Should().Be("4cfe4189655e5cd55c41f69080575d7999c25a5bfb");
    }

    [Theory]
    [MemberData(nameof(Factories))]
    public void HeaderMask_of_rfc9001_a2_and_a5_matches(bool gnuTls)
    {
        using var aes = InitialProtector(gnuTls, ClientInitialSecret);
        using var chaCha = Factory(gnuTls)
            .Create(QuicCipherSuite.ChaCha20Poly1305Sha256, Convert.FromHexString(ChaChaSecret));

        Mask(aes, Convert.FromHexString("d1b1c98dd7689fb8ec11d242b123dc9b")).Should().Be("437b9aec36");
        Mask(chaCha, Convert.FromHexString("5e5cd55c41f69080575d7999c25a5bfb")).Should().Be("aefefe7d03");
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void Protectors_of_both_libraries_open_what_the_other_seals(QuicCipherSuite suite)
    {
        var random = new Random(1);
        var secret = Bytes(random, KeySchedule.SecretLength(suite));
        using var gnuTls = Factory(gnuTls: true).Create(suite, secret);
        using var bcl = Factory(gnuTls: false).Create(suite, secret);
        int[] sizes = [.. Enumerable.Range(0, 300), .. Enumerable.Range(1150, 100), 1452, 4096, 9000, 65000];
        foreach (var size in sizes)
        {
            var headerLength = 1 + random.Next(40);
            var packetNumber = (ulong)random.NextInt64(1L << 62);
            var plain = Bytes(random, headerLength + size + IPacketProtector.TagLength);
            var byGnuTls = plain.ToArray();
            var byBcl = plain.ToArray();

            gnuTls.Seal(packetNumber, byGnuTls, headerLength);
            bcl.Seal(packetNumber, byBcl, headerLength);
            byGnuTls.AsSpan().SequenceEqual(byBcl).Should().BeTrue("size {0}", size);

            gnuTls.TryOpen(packetNumber, byGnuTls, headerLength).Should().BeTrue();
            bcl.TryOpen(packetNumber, byBcl, headerLength).Should().BeTrue();
            var text = plain.AsSpan(0, headerLength + size);
            byGnuTls.AsSpan(0, text.Length).SequenceEqual(text).Should().BeTrue();
            byBcl.AsSpan(0, text.Length).SequenceEqual(text).Should().BeTrue();
        }
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void HeaderMask_of_both_libraries_is_the_same(QuicCipherSuite suite)
    {
        var random = new Random(2);
        var secret = Bytes(random, KeySchedule.SecretLength(suite));
        using var gnuTls = Factory(gnuTls: true).Create(suite, secret);
        using var bcl = Factory(gnuTls: false).Create(suite, secret);
        for (var i = 0; i < 500; i++)
        {
            var sample = Bytes(random, IPacketProtector.SampleLength);
            Mask(gnuTls, sample).Should().Be(Mask(bcl, sample));
        }
    }

    [Theory]
    [MemberData(nameof(FactoriesAndSuites))]
    public void TryOpen_of_a_packet_with_any_bit_flipped_is_false(bool gnuTls, QuicCipherSuite suite)
    {
        using var protector = Factory(gnuTls).Create(suite, new byte[KeySchedule.SecretLength(suite)]);
        var packet = new byte[8 + 5 + IPacketProtector.TagLength];
        protector.Seal(7, packet, headerLength: 8);
        for (var bit = 0; bit < packet.Length * 8; bit++)
        {
            var forged = packet.ToArray();
            forged[bit / 8] ^= (byte)(1 << (bit % 8));
            protector.TryOpen(7, forged, headerLength: 8).Should().BeFalse();
        }

        protector.TryOpen(8, packet.ToArray(), headerLength: 8).Should().BeFalse("the packet number is authenticated");
        protector.TryOpen(7, packet.ToArray(), headerLength: 8).Should().BeTrue();
    }

    [Theory]
    [MemberData(nameof(FactoriesAndSuites))]
    public void TryOpen_of_a_packet_cut_at_any_length_is_false(bool gnuTls, QuicCipherSuite suite)
    {
        using var protector = Factory(gnuTls).Create(suite, new byte[KeySchedule.SecretLength(suite)]);
        var packet = new byte[8 + 5 + IPacketProtector.TagLength];
        protector.Seal(7, packet, headerLength: 8);
        for (var length = 8; length < packet.Length; length++)
        {
            protector.TryOpen(7, packet.AsSpan(0, length).ToArray(), headerLength: 8).Should().BeFalse();
        }
    }

    [Theory]
    [MemberData(nameof(FactoriesAndSuites))]
    public void CreateUpdated_changes_the_packet_key_and_keeps_the_header_key(bool gnuTls, QuicCipherSuite suite)
    {
        var secret = new byte[KeySchedule.SecretLength(suite)];
        var factory = Factory(gnuTls);
        var sample = new byte[IPacketProtector.SampleLength];
        var old = factory.Create(suite, secret);
        using var updated = factory.CreateUpdated(suite, KeySchedule.NextSecret(suite, secret), old);
        var packet = new byte[64];
        old.Seal(1, packet, headerLength: 4);

        updated.TryOpen(1, packet.ToArray(), headerLength: 4).Should().BeFalse();
        Mask(updated, sample).Should().Be(Mask(old, sample));

        old.Dispose();
        old.Dispose();
        var packetOfNewPhase = new byte[64];
        updated.Seal(2, packetOfNewPhase, headerLength: 4);
        updated.TryOpen(2, packetOfNewPhase, headerLength: 4).Should().BeTrue("the old protector's keys are its own");
    }

    [Theory]
    [MemberData(nameof(Factories))]
    public void CreateUpdated_from_a_foreign_protector_throws(bool gnuTls)
    {
        var secret = new byte[32];
        using var foreign = Factory(!gnuTls).Create(KeySchedule.InitialSuite, secret);

        var act = () => Factory(gnuTls).CreateUpdated(KeySchedule.InitialSuite, secret, foreign);

        act.Should().Throw<ArgumentException>();
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void GnuTls_protector_allocates_nothing_per_packet(QuicCipherSuite suite)
    {
        using var protector = Factory(gnuTls: true).Create(suite, new byte[KeySchedule.SecretLength(suite)]);
        var packet = new byte[1200];
        var mask = new byte[IPacketProtector.MaskLength];
        RoundTrips(protector, packet, mask, count: 100);

        var before = GC.GetAllocatedBytesForCurrentThread();
        RoundTrips(protector, packet, mask, count: 1000);

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0);
    }

    private static void RoundTrips(IPacketProtector protector, byte[] packet, byte[] mask, int count)
    {
        for (var i = 0; i < count; i++)
        {
            protector.Seal((ulong)i, packet, headerLength: 20);
            protector.HeaderMask(packet.AsSpan(24, IPacketProtector.SampleLength), mask);
            protector.TryOpen((ulong)i, packet, headerLength: 20);
            protector.TryOpen((ulong)i, packet, headerLength: 20);
        }
    }

    private static IPacketProtector InitialProtector(bool gnuTls, string secret) =>
        Factory(gnuTls).Create(KeySchedule.InitialSuite, Convert.FromHexString(secret));

    private static IPacketProtectorFactory Factory(bool gnuTls) =>
        gnuTls ? new GnuTlsPacketProtectorFactory() : new BclPacketProtectorFactory();

    private static void Protect(
        IPacketProtector protector,
        byte[] packet,
        ulong packetNumber,
        int headerLength,
        int packetNumberLength)
    {
        protector.Seal(packetNumber, packet, headerLength);
        var packetNumberStart = headerLength - packetNumberLength;
        var mask = new byte[IPacketProtector.MaskLength];
        protector.HeaderMask(packet.AsSpan(packetNumberStart + 4, IPacketProtector.SampleLength), mask);
        packet[0] ^= (byte)(mask[0] & ((packet[0] & 0x80) != 0 ? 0x0f : 0x1f));
        for (var i = 0; i < packetNumberLength; i++)
        {
            packet[packetNumberStart + i] ^= mask[1 + i];
        }
    }

    private static string Mask(IPacketProtector protector, byte[] sample)
    {
        var mask = new byte[IPacketProtector.MaskLength];
        protector.HeaderMask(sample, mask);
        return Hex(mask);
    }

    private static byte[] Bytes(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
