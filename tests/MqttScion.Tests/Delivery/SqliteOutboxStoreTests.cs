using MqttScion.Mqtt;
using MqttScion.Sqlite;
using MqttScion.Tests.Support;
using SQLitePCL;

namespace MqttScion.Tests.Delivery;

/// <summary>The SQLite file of an outbox, and what of it is there after a crash.</summary>
public sealed class SqliteOutboxStoreTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mqttscion-outbox-").FullName;

    private string FilePath => Path.Combine(_directory, "outbox.db");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task What_was_appended_and_not_removed_comes_back_in_order()
    {
        await using (var store = await OpenAsync(FilePath))
        {
            await Task.WhenAll(Enumerable.Range(1, 100).Select(i => store.AppendAsync(Publish(i))));
            await store.ReleaseAsync(3);
            store.Remove(1);
            store.Remove(50);
        }

        await using var again = new SqliteOutboxStore(FilePath);
        var left = await again.OpenAsync("c");

        left.Select(p => p.Sequence).Should().Equal(Enumerable.Range(2, 99).Except([50]).Select(i => (long)i));
        left[0].Should().BeEquivalentTo(Publish(2), o => o.Excluding(p => p.Message.Payload));
        left[0].Message.ConvertPayloadToString().Should().Be("2");
        left.Where(p => p.IsReleased).Select(p => p.Sequence).Should().Equal(3);
    }

    [Theory]
    [InlineData(SqliteDurability.PowerLoss)]
    [InlineData(SqliteDurability.ProcessCrash)]
    public async Task What_was_durable_is_there_after_a_crash(SqliteDurability durability)
    {
        await using var store = await OpenAsync(FilePath, durability);
        await store.AppendAsync(Publish(1));
        await store.AppendAsync(Publish(2));
        store.Remove(1);
        await store.ReleaseAsync(2);

        var crashed = FileCopy.Take(FilePath, Path.Combine(_directory, "crashed"));

        await using var again = new SqliteOutboxStore(crashed);
        var left = await again.OpenAsync("c");
        left.Select(p => (p.Sequence, p.IsReleased)).Should().Equal((2, true));
    }

    [Fact]
    public async Task Change_that_fails_fails_alone_and_the_next_ones_are_written()
    {
        var path = Path.Combine(_directory, "outbox.db");
        await using (var store = new SqliteOutboxStore(path))
        {
            await store.OpenAsync("c");
            var publish = new StoredPublish(1, Messages.Of("t", "1", qos: 1), DateTimeOffset.UnixEpoch, 0);
            await store.AppendAsync(publish);

            var act = () => store.AppendAsync(publish);

            await act.Should().ThrowAsync<OutboxStoreException>();
            store.Remove(1);
            await store.AppendAsync(publish with { Sequence = 2 }).WaitAsync(ScriptedConnection.Patience);
        }
        await using var after = new SqliteOutboxStore(path);
        (await after.OpenAsync("c")).Should().ContainSingle().Which.Sequence.Should().Be(2);
    }

    [Fact]
    public async Task File_in_use_is_refused()
    {
        await using var store = await OpenAsync(FilePath);
        await store.AppendAsync(Publish(1));

        var act = async () => await OpenAsync(FilePath);

        await act.Should().ThrowAsync<OutboxStoreException>().WithMessage("*in use*");
    }

    [Fact]
    public async Task File_of_another_client_is_refused()
    {
        await (await OpenAsync(FilePath)).DisposeAsync();
        await using var store = new SqliteOutboxStore(FilePath);

        var act = () => store.OpenAsync("other");

        await act.Should().ThrowAsync<OutboxStoreException>().WithMessage("*'c'*'other'*");
    }

    [Fact]
    public async Task File_that_is_no_outbox_is_refused_and_left_alone()
    {
        await File.WriteAllTextAsync(FilePath, new string('x', 5000));

        var act = async () => await OpenAsync(FilePath);

        await act.Should().ThrowAsync<OutboxStoreException>();
        (await File.ReadAllTextAsync(FilePath)).Should().StartWith("xxx");
    }

    [Fact]
    public async Task File_is_for_its_owner_only()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }
        await using var store = await OpenAsync(FilePath);
        await store.AppendAsync(Publish(1));

        foreach (var file in Directory.GetFiles(_directory))
        {
            File.GetUnixFileMode(file).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite, file);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    public async Task DisposeAsync_waits_for_the_opening_and_lets_go_of_the_file(int millisecondsAfter)
    {
        for (var i = 0; i < 20; i++)
        {
            var store = new SqliteOutboxStore(FilePath);
            var opening = store.OpenAsync("c");
            await Task.Delay(millisecondsAfter);
            await store.DisposeAsync();
            opening.IsCompleted.Should().BeTrue("the thread that opens is waited for");

            await using var next = new SqliteOutboxStore(FilePath);
            await next.OpenAsync("c");
        }
    }

    [Fact]
    public async Task Second_DisposeAsync_waits_for_the_first()
    {
        var store = await OpenAsync(FilePath);
        var appending = Task.WhenAll(Enumerable.Range(1, 200).Select(i => store.AppendAsync(Publish(i))));

        var first = store.DisposeAsync().AsTask();
        await store.DisposeAsync();

        await appending.WaitAsync(ScriptedConnection.Patience);
        await first;
        await using var next = new SqliteOutboxStore(FilePath);
        (await next.OpenAsync("c")).Should().HaveCount(200);
    }

    [Fact]
    public async Task Damaged_file_is_refused_with_what_to_do()
    {
        await WriteDamagedAsync();

        var act = async () => await OpenAsync(FilePath);

        var error = (await act.Should().ThrowAsync<OutboxStoreException>()).Which;
        error.Message.Should().Contain(FilePath).And.Contain("SetsDamagedFileAside");
        error.IsDamage.Should().BeTrue();
    }

    [Fact]
    public async Task Damaged_file_is_set_aside_when_asked_for()
    {
        await WriteDamagedAsync();
        var damaged = await File.ReadAllBytesAsync(FilePath);
        await using (var store = new SqliteOutboxStore(FilePath) { SetsDamagedFileAside = true })
        {
            (await store.OpenAsync("c")).Should().BeEmpty();
            await store.AppendAsync(Publish(1));
            store.SetAside.Should().NotBeNull();
            (await File.ReadAllBytesAsync(store.SetAside!)).Should().Equal(damaged);
        }

        await using var again = new SqliteOutboxStore(FilePath) { SetsDamagedFileAside = true };
        (await again.OpenAsync("c")).Should().ContainSingle();
        again.SetAside.Should().BeNull();
    }

    [Fact]
    public async Task File_of_another_client_or_in_use_is_never_set_aside()
    {
        await (await OpenAsync(FilePath)).DisposeAsync();
        await using var other = new SqliteOutboxStore(FilePath) { SetsDamagedFileAside = true };
        await FluentActions.Awaiting(() => other.OpenAsync("other")).Should().ThrowAsync<OutboxStoreException>();
        await using var first = await OpenAsync(FilePath);
        await first.AppendAsync(Publish(1));

        await using var second = new SqliteOutboxStore(FilePath) { SetsDamagedFileAside = true };
        await FluentActions.Awaiting(() => second.OpenAsync("c")).Should().ThrowAsync<OutboxStoreException>();

        Directory.GetFiles(_directory, "*.damaged*").Should().BeEmpty();
    }

    [Fact]
    public async Task Mark_of_the_first_sending_is_kept()
    {
        await using (var store = await OpenAsync(FilePath))
        {
            await store.AppendAsync(Publish(1) with { MayHaveBeenSent = false });
            await store.AppendAsync(Publish(2) with { MayHaveBeenSent = false });
            await store.AppendAsync(Publish(3));
            await store.MarkSentAsync(2);
        }

        await using var again = new SqliteOutboxStore(FilePath);
        (await again.OpenAsync("c")).Select(p => p.MayHaveBeenSent).Should().Equal(false, true, true);
    }

    [Fact]
    public async Task File_of_the_version_before_is_read_and_kept()
    {
        await (await OpenAsync(FilePath)).DisposeAsync();
        Execute("""
            ALTER TABLE publish DROP COLUMN may_have_been_sent;
            PRAGMA user_version = 1;
            """);
        Execute($"""
            INSERT INTO publish (sequence, message, accepted_at_ms, packet_id)
            VALUES (7, x'{Convert.ToHexString(MqttStoredMessage.ToBytes(Publish(7).Message))}', 0, 8192);
            """);

        await using var store = new SqliteOutboxStore(FilePath);

        (await store.OpenAsync("c")).Should().ContainSingle().Which.MayHaveBeenSent.Should().BeTrue();
        await store.AppendAsync(Publish(8) with { MayHaveBeenSent = false });
    }

    // The head is sound, so SQLite finds out when it reads.
    private async Task WriteDamagedAsync()
    {
        await using (var store = await OpenAsync(FilePath))
        {
            await Task.WhenAll(Enumerable.Range(1, 200).Select(i => store.AppendAsync(Publish(i))));
        }
        var bytes = await File.ReadAllBytesAsync(FilePath);
        bytes.AsSpan(4096).Fill(0xa5);
        await File.WriteAllBytesAsync(FilePath, bytes);
    }

    private void Execute(string sql)
    {
        raw.sqlite3_open(FilePath, out var database).Should().Be(raw.SQLITE_OK);
        using (database)
        {
            raw.sqlite3_exec(database, sql).Should().Be(raw.SQLITE_OK, raw.sqlite3_errmsg(database).utf8_to_string());
        }
    }

    private static async Task<SqliteOutboxStore> OpenAsync(
        string path, SqliteDurability durability = SqliteDurability.PowerLoss)
    {
        var store = new SqliteOutboxStore(path, durability);
        await store.OpenAsync("c");
        return store;
    }

    private static StoredPublish Publish(long sequence) => new(
        sequence,
        Messages.Of("t", $"{sequence}", qos: 2),
        DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000),
        (ushort)(9000 + sequence));
}
