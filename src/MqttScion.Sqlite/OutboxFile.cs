using MqttScion.Mqtt;
using SQLitePCL;

namespace MqttScion.Sqlite;

/// <summary>The SQLite file of an outbox and its statements. One thread at a time.</summary>
internal sealed class OutboxFile : IDisposable
{
    // "MqSO"; with it, a file that is something else is refused instead of changed.
    private const int ApplicationId = 0x4d71534f;
    private const int Version = 2;
    private const int VersionWithoutMark = 1;

    // Of a row that was written without it nobody can tell.
    private const string MarkColumn = "may_have_been_sent INTEGER NOT NULL DEFAULT 1";

    private const string WhatToDo = " Nothing in it was sent or changed by this. To start all the same, move the file "
        + "and its -wal away, or have the store do it (SetsDamagedFileAside): what is in it is then not sent.";

    private const int PrimaryCode = 0xff;

    private static readonly string[] _companions = ["-wal", "-shm", "-journal"];

    private readonly string _path;
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _insert;
    private readonly sqlite3_stmt _mark;
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
            var version = CheckKind();
            Execute("PRAGMA journal_mode = WAL");
            Execute(durability == SqliteDurability.PowerLoss
                ? "PRAGMA synchronous = FULL"
                : "PRAGMA synchronous = NORMAL");
            if (version != Version)
            {
                MakeTables(version); // A file that is as it should be is not touched: it may turn out to be damaged.
            }
            _insert = Prepare(
                "INSERT INTO publish (sequence, message, accepted_at_ms, packet_id, may_have_been_sent) "
                + "VALUES (?1, ?2, ?3, ?4, ?5)");
            _mark = Prepare("UPDATE publish SET may_have_been_sent = 1 WHERE sequence = ?1");
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
            "SELECT sequence, message, accepted_at_ms, packet_id, is_released, may_have_been_sent FROM publish "
            + "ORDER BY sequence");
        var publishes = new List<StoredPublish>();
        while (IsRow(raw.sqlite3_step(select)))
        {
            var sequence = raw.sqlite3_column_int64(select, 0);
            if (!MqttStoredMessage.TryRead(raw.sqlite3_column_blob(select, 1), out var message))
            {
                throw new OutboxStoreException(
                    $"Row {sequence} of the outbox '{_path}' holds no message: the file is damaged." + WhatToDo,
                    isDamage: true);
            }
            publishes.Add(new StoredPublish(
                sequence,
                message,
                DateTimeOffset.FromUnixTimeMilliseconds(raw.sqlite3_column_int64(select, 2)),
                (ushort)raw.sqlite3_column_int(select, 3),
                raw.sqlite3_column_int(select, 4) != 0)
            {
                MayHaveBeenSent = raw.sqlite3_column_int(select, 5) != 0,
            });
        }
        return publishes;
    }

    public void Insert(StoredPublish publish, byte[] message)
    {
        Check(raw.sqlite3_bind_int64(_insert, 1, publish.Sequence), "bind");
        Check(raw.sqlite3_bind_blob(_insert, 2, message), "bind");
        Check(raw.sqlite3_bind_int64(_insert, 3, publish.AcceptedAt.ToUnixTimeMilliseconds()), "bind");
        Check(raw.sqlite3_bind_int(_insert, 4, publish.PacketId), "bind");
        Check(raw.sqlite3_bind_int(_insert, 5, publish.MayHaveBeenSent ? 1 : 0), "bind");
        Step(_insert);
    }

    public void MarkSent(long sequence)
    {
        Check(raw.sqlite3_bind_int64(_mark, 1, sequence), "bind");
        Step(_mark);
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
        _mark.Dispose();
        _release.Dispose();
        _delete.Dispose();
        _database.Dispose();
    }

    /// <summary>Renames a file and what SQLite keeps beside it; the new name of the first.</summary>
    public static string SetAside(string path)
    {
        var number = 1;
        while (File.Exists($"{path}.damaged-{number}"))
        {
            number++;
        }
        var aside = $"{path}.damaged-{number}";
        File.Move(path, aside);
        foreach (var suffix in _companions.Where(s => File.Exists(path + s)))
        {
            File.Move(path + suffix, aside + suffix, overwrite: true);
        }
        return aside;
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

    private void MakeTables(long former) => Execute($"""
        BEGIN IMMEDIATE;
        PRAGMA application_id = {ApplicationId};
        PRAGMA user_version = {Version};
        CREATE TABLE IF NOT EXISTS owner (client_id TEXT NOT NULL);
        CREATE TABLE IF NOT EXISTS publish (
            sequence INTEGER PRIMARY KEY,
            message BLOB NOT NULL,
            accepted_at_ms INTEGER NOT NULL,
            packet_id INTEGER NOT NULL,
            is_released INTEGER NOT NULL DEFAULT 0,
            {MarkColumn});
        {(former == VersionWithoutMark ? $"ALTER TABLE publish ADD COLUMN {MarkColumn};" : "")}
        COMMIT;
        """);

    // The version of the file; 0 when it is new.
    private long CheckKind()
    {
        var applicationId = ReadNumber("PRAGMA application_id");
        var version = ReadNumber("PRAGMA user_version");
        var isEmpty = ReadNumber("SELECT count(*) FROM sqlite_master") == 0;
        if (isEmpty)
        {
            return 0;
        }
        if (applicationId != ApplicationId || version is not (Version or VersionWithoutMark))
        {
            throw new OutboxStoreException(
                $"The file '{_path}' is no outbox of version {VersionWithoutMark} or {Version}: application "
                + $"{applicationId:x8}, version {version}. Name another file.");
        }
        return version;
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
        var isDamage = (code & PrimaryCode) is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB;
        throw new OutboxStoreException(
            (code & PrimaryCode) == raw.SQLITE_BUSY
                ? $"The outbox '{_path}' is in use by another process."
                : $"The outbox '{_path}' failed ({action}): {text} (SQLite {code})." + (isDamage ? WhatToDo : ""),
            isDamage);
    }
}
