using System.Security.Cryptography;
using Parley.Client.Transfer.Disk;
using Parley.Client.Transfer.Wire;

namespace Parley.Client.Transfer.Receiving;

/// <summary>Hashes the chunks of files that are here already and tells the sender, in the order in which it will ask.</summary>
internal sealed class CompareHasher(Folder root, Manifest manifest, Intake intake, FrameSink sink)
{
    /// <summary>Hashes all that are compared.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var cursor = new FolderCursor(root);
        var compared = intake.Compared.ToArray();
        var buffer = new byte[compared.Length == 0 ? 0 : manifest.ChunkBytes];
        foreach (var entry in compared)
        {
            var hashes = Hash(manifest.Entries[entry], cursor, buffer, cancellationToken);
            intake.NoteBasis(entry, hashes);
            await SendAsync(sink, entry, hashes, cancellationToken);
        }
    }

    /// <summary>Tells the sender the hashes of an entry.</summary>
    public static async Task SendAsync(FrameSink sink, int entry, IReadOnlyList<byte[]> hashes, CancellationToken cancellationToken)
    {
        for (var first = 0; first == 0 || first < hashes.Count; first += SendPlan.HashesInFrame)
        {
            var frame = new FrameBuilder(FrameKind.Hashes).Int32(entry).Int32(first).Int32(hashes.Count);
            for (var index = first; index < Math.Min(hashes.Count, first + SendPlan.HashesInFrame); index++)
            {
                frame.Bytes(hashes[index]);
            }

            await sink.SendAsync(frame.ToFrame(), cancellationToken);
        }
    }

    // A file that cannot be read has no chunks in common.
    private List<byte[]> Hash(ManifestEntry entry, FolderCursor cursor, byte[] buffer, CancellationToken cancellationToken)
    {
        var hashes = new List<byte[]>();
        try
        {
            using var file = cursor.EnterParent(entry.Path, makes: false)?.OpenFile(FolderCursor.NameOf(entry.Path), writes: false);
            var chunks = file is null ? 0 : Manifest.ChunksOf(entry.Size, manifest.ChunkBytes);
            for (var chunk = 0L; chunk < chunks; chunk++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var length = (int)Math.Min(manifest.ChunkBytes, entry.Size - (chunk * manifest.ChunkBytes));
                if (RandomAccess.Read(file!, buffer.AsSpan(0, length), chunk * manifest.ChunkBytes) < length)
                {
                    break;
                }

                hashes.Add(SHA256.HashData(buffer.AsSpan(0, length)));
            }
        }
        catch (Exception exception) when (DiskFaults.IsOfFile(exception))
        {
            hashes.Clear();
        }

        return hashes;
    }
}
