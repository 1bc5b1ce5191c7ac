using Parley.Hub.Connections.Secrets;
using Parley.Hub.Identity.Keys;
using Parley.Protocol.Errors;

namespace Parley.Hub.Backup;

/// <summary>The files of a data folder that make up a hub, and the names of those that a restore leaves.</summary>
internal static class HubFiles
{
    /// <summary>The database.</summary>
    public const string Database = "parley.db";

    /// <summary>There while files are being exchanged: a hub that finds it must not start, since it would make new keys beside old data.</summary>
    public const string Restoring = "restore.unfinished";

    /// <summary>Keys and secrets, all small.</summary>
    public static IReadOnlyList<string> Keys { get; } = [HubId.FileName, AdminKey.FileName, SelfMadeCertificate.FileName, CardKey.FileName, Vault.FileName];

    /// <summary>Everything that an archive may hold.</summary>
    public static IReadOnlyList<string> All { get; } = [Database, .. Keys];

    /// <summary>What SQLite keeps beside the database.</summary>
    public static IReadOnlyList<string> Companions { get; } = [Database + "-wal", Database + "-shm"];

    /// <summary>Refuses a folder in which a restore was interrupted.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.Conflict"/>.</exception>
    public static void RequireWhole(string dataFolder)
    {
        if (File.Exists(Path.Combine(dataFolder, Restoring)))
        {
            throw new ParleyException(ErrorCode.Conflict, $"A restore of {dataFolder} was interrupted: run parley hub restore FILE --force again.");
        }
    }
}
