using Dapper;
using Parley.Hub.Sessions;
using Parley.Hub.Storage;
using Parley.Protocol.Errors;
using Parley.Protocol.Files;
using Parley.Sqlite;

namespace Parley.Hub.Backup;

/// <summary>Puts an archive in the place of a stopped hub: everything is unpacked and verified first, then files are exchanged by renaming.</summary>
/// <remarks>
/// The archive is older than what its clients remember, so the numbers of attachments begin above the time of the restore: they never go back, however often the same
/// archive is restored. Messages that were delivered after the copy come again, and the receivers' journals know them.
/// </remarks>
internal static class HubRestore
{
    /// <summary>Restores. The caller holds the lock of the data folder, so that no hub runs on it.</summary>
    /// <param name="archive">The archive.</param>
    /// <param name="dataFolder">Where the hub is to be.</param>
    /// <param name="isForced">Whether files that are there may be set aside.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.Conflict"/>: a hub is there; <see cref="ErrorCode.BackupDamaged"/>; <see cref="ErrorCode.Unavailable"/>: the disk.</exception>
    public static BackupOutcome Run(string archive, string dataFolder, bool isForced, DateTimeOffset now)
    {
        var marker = Path.Combine(dataFolder, HubFiles.Restoring);
        if (!isForced && (Present(dataFolder).Count > 0 || File.Exists(marker)))
        {
            throw new ParleyException(ErrorCode.Conflict, $"There is a hub in {dataFolder}: --force sets its files aside and restores.");
        }

        var staging = Path.Combine(dataFolder, "restore.staging");
        try
        {
            Remove(staging);
            SecretFile.OpenFolder(staging);
            var manifest = BackupReader.Unpack(archive, staging, HubSchema.Migrations.Count);
            RaiseEpochs(Path.Combine(staging, HubFiles.Database), Path.Combine(dataFolder, HubFiles.Database), now);
            SecretFile.Write(marker, []);

            // Looked for now: reading the old database may have emptied its log.
            var present = Present(dataFolder);
            var aside = present.Count == 0 ? null : SetAside(dataFolder, present, now);
            foreach (var file in manifest.Files)
            {
                File.Move(Path.Combine(staging, file.Name), Path.Combine(dataFolder, file.Name));
            }

            File.Delete(marker);
            return new BackupOutcome(manifest, BackupWriter.HashOf(archive), aside);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or StoreUnavailableException)
        {
            throw new ParleyException(ErrorCode.Unavailable, $"The archive could not be restored: {exception.Message}", exception);
        }
        finally
        {
            Remove(staging);
        }
    }

    private static List<string> Present(string dataFolder) =>
        [.. HubFiles.All.Concat(HubFiles.Companions).Where(name => File.Exists(Path.Combine(dataFolder, name)))];

    private static string SetAside(string dataFolder, List<string> names, DateTimeOffset now)
    {
        var folder = Path.Combine(dataFolder, $"replaced-{now.UtcDateTime:yyyyMMdd'T'HHmmssfff'Z'}");
        SecretFile.OpenFolder(folder);
        foreach (var name in names)
        {
            File.Move(Path.Combine(dataFolder, name), Path.Combine(folder, name));
        }

        return folder;
    }

    private static void RaiseEpochs(string restored, string replaced, DateTimeOffset now)
    {
        var floor = Math.Max(now.ToUnixTimeMilliseconds(), Math.Max(HighestOf(restored), HighestOf(replaced)) + 1);
        DatabaseCopy.Change(restored, connection => connection.Execute(
            "INSERT INTO meta (key, value) VALUES (@key, @value) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            new { key = SessionEpochs.FloorKey, value = floor.ToString() }));
    }

    private static long HighestOf(string database)
    {
        long highest = 0;
        try
        {
            if (File.Exists(database))
            {
                DatabaseCopy.Change(database, connection => highest = connection.ExecuteScalar<long>(
                    "SELECT max(coalesce((SELECT max(epoch) FROM epochs), 0), coalesce((SELECT CAST(value AS INTEGER) FROM meta WHERE key = @key), 0))", new { key = SessionEpochs.FloorKey }));
            }
        }
        catch (Exception exception) when (exception is StoreUnavailableException or Microsoft.Data.Sqlite.SqliteException)
        {
            // A damaged database is what a restore is for; the clock alone must do.
        }

        return highest;
    }

    private static void Remove(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
