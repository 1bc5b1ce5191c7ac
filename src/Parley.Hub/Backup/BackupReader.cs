using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Parley.Protocol.Errors;
using Parley.Sqlite;

namespace Parley.Hub.Backup;

/// <summary>Unpacks an archive into a folder and believes nothing of it: names, sizes, hashes and the database itself are checked.</summary>
internal static class BackupReader
{
    private const int MaxManifestBytes = 64 * 1024;
    private const int CopyBytes = 128 * 1024;

    /// <summary>Unpacks.</summary>
    /// <param name="archive">The archive.</param>
    /// <param name="folder">An empty folder of mode 0700.</param>
    /// <param name="newestSchema">The newest schema that this program knows.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.BackupDamaged"/>; <see cref="ErrorCode.NotFound"/>: there is no such file.</exception>
    public static BackupManifest Unpack(string archive, string folder, long newestSchema)
    {
        try
        {
            using var file = File.OpenRead(archive);
            using var unpacked = new GZipStream(file, CompressionMode.Decompress);
            using var tar = new TarReader(unpacked);
            var manifest = ReadManifest(tar.GetNextEntry());
            foreach (var expected in manifest.Files)
            {
                Unpack(tar.GetNextEntry(), expected, folder);
            }

            if (tar.GetNextEntry() is not null)
            {
                throw Damaged("it holds more than its manifest lists");
            }

            CheckDatabase(Path.Combine(folder, HubFiles.Database), manifest, newestSchema);
            return manifest;
        }
        catch (FileNotFoundException exception)
        {
            throw new ParleyException(ErrorCode.NotFound, $"There is no file {archive}.", exception);
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException or FormatException or JsonException or ArgumentException or InvalidOperationException or OverflowException)
        {
            throw Damaged("it cannot be read");
        }
    }

    private static BackupManifest ReadManifest(TarEntry? entry)
    {
        if (entry is not { EntryType: TarEntryType.RegularFile, Name: BackupWriter.ManifestName, Length: > 0 and <= MaxManifestBytes, DataStream: { } content })
        {
            throw Damaged("it does not begin with a manifest");
        }

        var manifest = JsonSerializer.Deserialize(content, BackupJson.Default.BackupManifest) ?? throw new JsonException();
        var names = manifest.Files.Select(file => file.Name).ToList();
        if (manifest.Format != 1)
        {
            throw Damaged($"its format {manifest.Format} is one of a newer program");
        }

        return names.Contains(HubFiles.Database) && names.Distinct().Count() == names.Count && names.All(HubFiles.All.Contains)
            ? manifest
            : throw Damaged("its manifest lists other files than those of a hub");
    }

    private static void Unpack(TarEntry? entry, BackupFile expected, string folder)
    {
        if (entry is null || entry.EntryType != TarEntryType.RegularFile || entry.Name != expected.Name || entry.Length != expected.Size)
        {
            throw Damaged($"{expected.Name} is missing or has another size");
        }

        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var target = new FileStream(Path.Combine(folder, expected.Name), options);
        var buffer = new byte[CopyBytes];
        for (int count; (count = entry.DataStream?.Read(buffer) ?? 0) > 0;)
        {
            hash.AppendData(buffer, 0, count);
            target.Write(buffer, 0, count);
        }

        target.Flush(flushToDisk: true);
        if (!Convert.ToHexStringLower(hash.GetHashAndReset()).Equals(expected.Sha256, StringComparison.Ordinal))
        {
            throw Damaged($"{expected.Name} has another SHA-256 than the manifest says");
        }
    }

    private static void CheckDatabase(string file, BackupManifest manifest, long newestSchema)
    {
        try
        {
            var schema = DatabaseCopy.Check(file);
            if (schema > newestSchema || schema != manifest.Schema)
            {
                throw Damaged(schema > newestSchema ? $"its database is one of a newer program (schema {schema})" : "its database is not the one that the manifest describes");
            }
        }
        catch (StoreUnavailableException)
        {
            throw Damaged("its database is damaged");
        }
    }

    private static ParleyException Damaged(string why) => new(ErrorCode.BackupDamaged, $"This archive is not used: {why}. Nothing was changed.");
}
