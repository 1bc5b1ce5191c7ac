using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Parley.Hub.Identity.Keys;
using Parley.Hub.Telemetry;
using Parley.Protocol.Errors;
using Parley.Protocol.Files;
using Parley.Sqlite;

namespace Parley.Hub.Backup;

/// <summary>Copies a hub into one archive while it runs: a consistent state of the database, and the keys without which its agents would not know it.</summary>
/// <remarks>A tar archive, compressed with gzip, mode 0600: the manifest first, then each file that it lists. It holds the admin key and whatever waits in mailboxes.</remarks>
internal static class BackupWriter
{
    /// <summary>The name of the manifest.</summary>
    public const string ManifestName = "manifest.json";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Makes the archive.</summary>
    /// <param name="dataFolder">The hub's data folder.</param>
    /// <param name="archive">The new file.</param>
    /// <param name="now">The time that it tells.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.Conflict"/>: the file exists; <see cref="ErrorCode.NotFound"/>: there is no hub; <see cref="ErrorCode.Unavailable"/>: the disk.</exception>
    public static BackupOutcome Write(string dataFolder, string archive, DateTimeOffset now)
    {
        var idFile = Path.Combine(dataFolder, HubId.FileName);
        if (!File.Exists(Path.Combine(dataFolder, HubFiles.Database)) || !File.Exists(idFile))
        {
            throw new ParleyException(ErrorCode.NotFound, $"There is no hub in {dataFolder}.");
        }

        if (File.Exists(archive))
        {
            throw new ParleyException(ErrorCode.Conflict, $"The file {archive} exists: give another name.");
        }

        HubFiles.RequireWhole(dataFolder);
        var part = archive + ".part";
        var database = archive + ".db.part";
        try
        {
            File.Delete(database);
            DatabaseCopy.Make(Path.Combine(dataFolder, HubFiles.Database), database);
            List<(string Name, string Path)> files = [(HubFiles.Database, database)];
            files.AddRange(HubFiles.Keys.Select(name => (name, Path.Combine(dataFolder, name))).Where(file => File.Exists(file.Item2)));
            var manifest = new BackupManifest(
                1, now, Encoding.ASCII.GetString(SecretFile.Read(idFile)).Trim(), MessageTelemetry.Version, DatabaseCopy.Check(database), [.. files.Select(file => Describe(file.Name, file.Path))]);
            WriteArchive(part, manifest, files, now);
            File.Move(part, archive, overwrite: false);
            return new BackupOutcome(manifest, HashOf(archive), null);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or StoreUnavailableException)
        {
            throw new ParleyException(ErrorCode.Unavailable, $"The copy could not be made: {exception.Message}", exception);
        }
        finally
        {
            File.Delete(part);
            File.Delete(database);
        }
    }

    /// <summary>SHA-256 of a file, in lower-case hexadecimal digits.</summary>
    public static string HashOf(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    private static BackupFile Describe(string name, string path) => new(name, new FileInfo(path).Length, HashOf(path));

    private static void WriteArchive(string path, BackupManifest manifest, List<(string Name, string Path)> files, DateTimeOffset now)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        File.Delete(path);
        using var file = new FileStream(path, options);
        using (var packed = new GZipStream(file, CompressionLevel.Fastest, leaveOpen: true))
        using (var tar = new TarWriter(packed))
        {
            using var json = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(manifest, BackupJson.Default.BackupManifest));
            Add(tar, ManifestName, json, now);
            foreach (var (name, source) in files)
            {
                using var content = File.OpenRead(source);
                Add(tar, name, content, now);
            }
        }

        file.Flush(flushToDisk: true);
    }

    private static void Add(TarWriter tar, string name, Stream content, DateTimeOffset now) =>
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = content, Mode = OwnerOnly, ModificationTime = now });
}
