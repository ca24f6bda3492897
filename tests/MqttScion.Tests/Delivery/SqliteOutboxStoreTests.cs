using MqttScion.Sqlite;
using MqttScion.Tests.Support;

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
