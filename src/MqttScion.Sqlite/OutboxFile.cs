using MqttScion.Mqtt;
using SQLitePCL;

namespace MqttScion.Sqlite;

/// <summary>The SQLite file of an outbox and its statements. One thread at a time.</summary>
internal sealed class OutboxFile : IDisposable
{
    // "MqSO"; with it, a file that is something else is refused instead of changed.
    private const int ApplicationId = 0x4d71534f;
    private const int Version = 1;

    private readonly string _path;
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _insert;
    private readonly sqlite3_stmt _release;
    private readonly sqlite3_stmt _delete;

    static OutboxFile() => Batteries_V2.Init();

    public OutboxFile(string path, SqliteDurability durability)
    {
        _path = path;
        MakePrivate(path);
        var code = raw.sqlite3_open_v2(path, out _database, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_NOMUTEX, null);
        Check(code, "open");
        try
        {
            // Exclusive: a second process would send everything a second time.
            Execute("PRAGMA locking_mode = EXCLUSIVE");
            CheckKind();
            Execute("PRAGMA journal_mode = WAL");
            Execute(durability == SqliteDurability.PowerLoss
                ? "PRAGMA synchronous = FULL"
                : "PRAGMA synchronous = NORMAL");
            Execute($"""
                BEGIN IMMEDIATE;
                PRAGMA application_id = {ApplicationId};
                PRAGMA user_version = {Version};
                CREATE TABLE IF NOT EXISTS owner (client_id TEXT NOT NULL);
                CREATE TABLE IF NOT EXISTS publish (
                    sequence INTEGER PRIMARY KEY,
                    message BLOB NOT NULL,
                    accepted_at_ms INTEGER NOT NULL,
                    packet_id INTEGER NOT NULL,
                    is_released INTEGER NOT NULL DEFAULT 0);
                COMMIT;
                """);
            _insert = Prepare(
                "INSERT INTO publish (sequence, message, accepted_at_ms, packet_id) VALUES (?1, ?2, ?3, ?4)");
            _release = Prepare("UPDATE publish SET is_released = 1 WHERE sequence = ?1");
            _delete = Prepare("DELETE FROM publish WHERE sequence = ?1");
        }
        catch
        {
            _database.Dispose();
            throw;
        }
    }

    /// <summary>Makes the file that of a client identifier.</summary>
    /// <exception cref="OutboxStoreException">It belongs to another one.</exception>
    public void Claim(string clientId)
    {
        using var select = Prepare("SELECT client_id FROM owner");
        if (IsRow(raw.sqlite3_step(select)))
        {
            var owner = raw.sqlite3_column_text(select, 0).utf8_to_string();
            if (owner != clientId)
            {
                throw new OutboxStoreException(
                    $"The outbox '{_path}' belongs to the client identifier '{owner}', not to '{clientId}'.");
            }
            return;
        }
        using var insert = Prepare("INSERT INTO owner VALUES (?1)");
        Check(raw.sqlite3_bind_text(insert, 1, clientId), "bind");
        Step(insert);
    }

    public IReadOnlyList<StoredPublish> ReadAll()
    {
        using var select = Prepare(
            "SELECT sequence, message, accepted_at_ms, packet_id, is_released FROM publish ORDER BY sequence");
        var publishes = new List<StoredPublish>();
        while (IsRow(raw.sqlite3_step(select)))
        {
            var sequence = raw.sqlite3_column_int64(select, 0);
            if (!MqttStoredMessage.TryRead(raw.sqlite3_column_blob(select, 1), out var message))
            {
                throw new OutboxStoreException($"Row {sequence} of the outbox '{_path}' holds no message.");
            }
            publishes.Add(new StoredPublish(
                sequence,
                message,
                DateTimeOffset.FromUnixTimeMilliseconds(raw.sqlite3_column_int64(select, 2)),
                (ushort)raw.sqlite3_column_int(select, 3),
                raw.sqlite3_column_int(select, 4) != 0));
        }
        return publishes;
    }

    public void Insert(StoredPublish publish, byte[] message)
    {
        Check(raw.sqlite3_bind_int64(_insert, 1, publish.Sequence), "bind");
        Check(raw.sqlite3_bind_blob(_insert, 2, message), "bind");
        Check(raw.sqlite3_bind_int64(_insert, 3, publish.AcceptedAt.ToUnixTimeMilliseconds()), "bind");
        Check(raw.sqlite3_bind_int(_insert, 4, publish.PacketId), "bind");
        Step(_insert);
    }

    public void Release(long sequence)
    {
        Check(raw.sqlite3_bind_int64(_release, 1, sequence), "bind");
        Step(_release);
    }

    public void Delete(long sequence)
    {
        Check(raw.sqlite3_bind_int64(_delete, 1, sequence), "bind");
        Step(_delete);
    }

    public void Execute(string sql) => Check(raw.sqlite3_exec(_database, sql), sql);

    /// <summary>Ends a transaction that failed; one that SQLite has ended itself is none any more.</summary>
    public void Rollback() => _ = raw.sqlite3_exec(_database, "ROLLBACK");

    public void Dispose()
    {
        _insert.Dispose();
        _release.Dispose();
        _delete.Dispose();
        _database.Dispose();
    }

    private static void MakePrivate(string path)
    {
        if (!File.Exists(path))
        {
            var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }
            using var file = new FileStream(path, options);
        }
    }

    private void CheckKind()
    {
        var applicationId = ReadNumber("PRAGMA application_id");
        var version = ReadNumber("PRAGMA user_version");
        var isEmpty = ReadNumber("SELECT count(*) FROM sqlite_master") == 0;
        if (!isEmpty && (applicationId != ApplicationId || version != Version))
        {
            throw new OutboxStoreException(
                $"The file '{_path}' is no outbox of version {Version}: application {applicationId:x8}, version "
                + $"{version}.");
        }
    }

    private long ReadNumber(string sql)
    {
        using var select = Prepare(sql);
        return IsRow(raw.sqlite3_step(select)) ? raw.sqlite3_column_int64(select, 0) : 0;
    }

    private sqlite3_stmt Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v2(_database, sql, out var statement), sql);
        return statement;
    }

    private void Step(sqlite3_stmt statement)
    {
        var code = raw.sqlite3_step(statement);
        raw.sqlite3_reset(statement); // Repeats the code of the step.
        Check(code, "write");
    }

    private bool IsRow(int code)
    {
        if (code == raw.SQLITE_ROW)
        {
            return true;
        }
        Check(code, "read");
        return false;
    }

    private void Check(int code, string action)
    {
        if (code is raw.SQLITE_OK or raw.SQLITE_DONE or raw.SQLITE_ROW)
        {
            return;
        }
        var text = raw.sqlite3_errmsg(_database).utf8_to_string();
        throw new OutboxStoreException(code == raw.SQLITE_BUSY
            ? $"The outbox '{_path}' is in use by another process."
            : $"The outbox '{_path}' failed ({action}): {text} (SQLite {code}).");
    }
}
