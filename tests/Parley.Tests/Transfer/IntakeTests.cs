using System.Security.Cryptography;
using Parley.Client.Transfer;
using Parley.Client.Transfer.Disk;
using Parley.Client.Transfer.Receiving;
using Parley.Client.Transfer.Wire;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.Tests.Transfer;

/// <summary>Frames of a sender that does not keep the protocol, one by one.</summary>
public sealed class IntakeTests : IDisposable
{
    private const int ChunkBytes = TransferLimits.MinChunkBytes;
    private static readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();
    private readonly TempFolder _folder = new();
    private readonly Manifest _manifest = new(new TransferLimits { ChunkBytes = ChunkBytes });
    private readonly ChunkBuffers _pool = new(ChunkBytes);

    public IntakeTests()
    {
        _manifest.Add(new ManifestEntry("small", EntryKind.File, 5, 0, 1, false));
        _manifest.Add(new ManifestEntry("large", EntryKind.File, ChunkBytes + 5, 0, 1, false));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_chunk_that_is_not_what_its_hash_says_ends_the_transfer()
    {
        var frame = Chunk(FrameKind.Whole, 0, 0, "hello"u8.ToArray());
        frame[^1] ^= 1;

        Assert.Equal(ErrorCode.IntegrityFailed, (await RefusedAsync(frame)).Code);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.FullPath));
    }

    [Fact]
    public async Task A_file_that_ends_with_another_root_is_not_named()
    {
        var end = new FileEnd(1, 2, ChunkBytes + 5, new byte[32]).ToFrame().ToArray();

        var refused = await RefusedAsync(Chunk(FrameKind.Chunk, 1, 0, new byte[ChunkBytes]), Chunk(FrameKind.Chunk, 1, 1, new byte[5]), end);

        Assert.Equal(ErrorCode.IntegrityFailed, refused.Code);
        Assert.False(File.Exists(_folder.PathOf("large")));
    }

    [Fact]
    public async Task Chunks_out_of_order_of_wrong_length_or_of_nothing_break_the_protocol()
    {
        byte[][][] hostile =
        [
            [Chunk(FrameKind.Chunk, 1, 1, new byte[5])],
            [Chunk(FrameKind.Chunk, 1, 0, new byte[ChunkBytes]), Chunk(FrameKind.Chunk, 1, 0, new byte[ChunkBytes])],
            [Chunk(FrameKind.Chunk, 1, 0, new byte[7])],
            [Chunk(FrameKind.Chunk, 2, 0, new byte[7])],
            [Chunk(FrameKind.Chunk, -1, 0, new byte[7])],
            [Chunk(FrameKind.Whole, 0, 0, new byte[6])],
            [Chunk(FrameKind.Whole, 1, 0, new byte[5])],
            [Chunk(FrameKind.Whole, 0, 0, new byte[5]), Chunk(FrameKind.Whole, 0, 0, new byte[5])],
            [Chunk(FrameKind.Chunk, 1, 0, new byte[ChunkBytes]), Chunk(FrameKind.Whole, 0, 0, new byte[5])],
            [new SameChunks(1, 0, 1).ToFrame().ToArray()],
            [new FileEnd(1, 0, 0, new byte[32]).ToFrame().ToArray()],
            [new FrameBuilder(FrameKind.Plan).ToFrame().ToArray()],
            [Chunk(FrameKind.Chunk, 1, 0, new byte[ChunkBytes]), new FrameBuilder(FrameKind.End).ToFrame().ToArray()],
        ];

        foreach (var frames in hostile)
        {
            Assert.Equal(ErrorCode.ProtocolViolation, (await RefusedAsync(frames)).Code);
        }
    }

    [Fact]
    public async Task What_the_sender_left_out_is_told()
    {
        var failures = new List<int>();

        var result = await TakeAsync(failures, Chunk(FrameKind.Whole, 0, 0, "hello"u8.ToArray()), new FrameBuilder(FrameKind.End).ToFrame().ToArray());

        Assert.Equal((1, 1), (result!.Value.Files, result.Value.Failed));
        Assert.Equal([1], failures);
    }

    // A finished file has its sender's time, and may look as if nobody had touched it for years.
    [Fact]
    public async Task Another_transfer_that_cleans_up_leaves_what_is_about_to_be_named()
    {
        using var other = Folder.Open(_folder.FullPath);
        using var root = new HookedFolder(Folder.Open(_folder.FullPath)) { BeforeNaming = () => StalePartials.Clean(other, TimeSpan.FromDays(7), _now) };
        var failures = new List<int>();

        await TakeAsync(root, failures, [.. Large(), new FrameBuilder(FrameKind.End).ToFrame().ToArray()]);

        Assert.Empty(failures);
        Assert.Equal(["large", "small"], Names());
    }

    [Fact]
    public async Task A_living_transfer_that_rests_keeps_its_partial_file()
    {
        using var root = Folder.Open(_folder.FullPath);
        var seen = 0;

        await TakeAsync(root, [], [.. Large()[..2]], () =>
        {
            foreach (var name in Names())
            {
                File.SetLastWriteTimeUtc(_folder.PathOf(name), DateTime.UnixEpoch);
            }

            seen = StalePartials.Clean(root, TimeSpan.FromDays(7), _now.AddDays(8));
        });

        Assert.Equal(0, seen);
        Assert.Equal(2, Names().Length - 1);
    }

    [Fact]
    public void What_a_killed_transfer_left_of_a_small_file_goes_after_a_week()
    {
        File.WriteAllText(_folder.PathOf(".parley-0011223344556677-0.part"), "left");
        File.SetLastWriteTimeUtc(_folder.PathOf(".parley-0011223344556677-0.part"), DateTime.UnixEpoch);
        using var root = Folder.Open(_folder.FullPath);

        var now = StalePartials.Clean(root, TimeSpan.FromDays(7), _now);
        var later = StalePartials.Clean(root, TimeSpan.FromDays(7), _now.AddDays(8));

        Assert.Equal((0, 1), (now, later));
    }

    [Fact]
    public async Task Two_transfers_of_one_sender_do_not_take_each_others_small_files()
    {
        using var inner = Folder.Open(_folder.FullPath);
        var failures = new List<int>();
        var isFirst = true;
        using var root = new HookedFolder(Folder.Open(_folder.FullPath))
        {
            BeforeNaming = () =>
            {
                if (isFirst)
                {
                    isFirst = false;
                    TakeAsync(inner, failures, [Chunk(FrameKind.Whole, 0, 0, "hello"u8.ToArray())]).GetAwaiter().GetResult();
                }
            },
        };

        await TakeAsync(root, failures, [Chunk(FrameKind.Whole, 0, 0, "hello"u8.ToArray())]);

        Assert.Empty(failures);
        Assert.Equal(["small"], Names());
    }

    [Fact]
    public async Task What_cannot_be_removed_does_not_keep_the_rest_and_is_told()
    {
        _manifest.Add(new ManifestEntry("tree", EntryKind.Folder, 0, 0, 0, false));
        _manifest.Add(new ManifestEntry("tree/known", EntryKind.Folder, 0, 0, 0, false));
        _manifest.Mode = TransferMode.Sync | TransferMode.Delete;
        foreach (var name in (string[])["tree/a", "tree/held", "tree/old/held", "tree/old/x", "tree/gone/x", "tree/known/held", "tree/z"])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder.PathOf(name))!);
            File.WriteAllText(_folder.PathOf(name), "old");
        }

        using var root = new HookedFolder(Folder.Open(_folder.FullPath)) { Stuck = ["held"] };
        var failures = new List<int>();

        var result = await TakeAsync(root, failures, [.. Large(), new FrameBuilder(FrameKind.End).ToFrame().ToArray()]);

        Assert.Equal(["held", "known", "old"], Directory.GetFileSystemEntries(_folder.PathOf("tree")).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
        Assert.Equal(["held"], Directory.GetFileSystemEntries(_folder.PathOf("tree/old")).Select(path => Path.GetFileName(path)));
        Assert.Equal((5, 2), (result!.Value.Deleted, result.Value.Failed));
        Assert.Equal([2, 3], failures.Order());
    }

    [Fact]
    public async Task A_name_that_cannot_be_said_is_not_counted_as_removed()
    {
        _manifest.Add(new ManifestEntry("tree", EntryKind.Folder, 0, 0, 0, false));
        _manifest.Mode = TransferMode.Sync | TransferMode.Delete;
        Directory.CreateDirectory(_folder.PathOf("tree/old"));
        using var root = new HookedFolder(Folder.Open(_folder.FullPath)) { Ghosts = ["a\ufffd"] };
        var failures = new List<int>();

        var result = await TakeAsync(root, failures, [.. Large(), new FrameBuilder(FrameKind.End).ToFrame().ToArray()]);

        Assert.Equal((0, 1), (result!.Value.Deleted, result.Value.Failed));
        Assert.True(Directory.Exists(_folder.PathOf("tree/old")));
    }

    // All that the manifest has, but for its end.
    private static byte[][] Large()
    {
        var (first, last) = (new byte[ChunkBytes], "world"u8.ToArray());
        byte[] hashes = [.. SHA256.HashData(first), .. SHA256.HashData(last)];
        return
        [
            Chunk(FrameKind.Whole, 0, 0, "hello"u8.ToArray()), Chunk(FrameKind.Chunk, 1, 0, first), Chunk(FrameKind.Chunk, 1, 1, last),
            new FileEnd(1, 2, ChunkBytes + 5, SHA256.HashData(hashes)).ToFrame().ToArray(),
        ];
    }

    private string[] Names() => [.. Directory.GetFileSystemEntries(_folder.FullPath).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private static byte[] Chunk(FrameKind kind, int entry, int chunk, byte[] bytes)
    {
        var frame = new byte[ChunkFrame.MaxHeaderBytes + bytes.Length];
        bytes.CopyTo(frame, ChunkFrame.MaxHeaderBytes);
        ChunkFrame.Seal(frame, kind, entry, chunk, bytes.Length);
        return frame;
    }

    private Task<ParleyException> RefusedAsync(params byte[][] frames) => Assert.ThrowsAsync<ParleyException>(() => TakeAsync([], frames));

    private async Task<ResultFrame?> TakeAsync(List<int> failures, params byte[][] frames)
    {
        using var root = Folder.Open(_folder.FullPath);
        return await TakeAsync(root, failures, frames);
    }

    private async Task<ResultFrame?> TakeAsync(Folder root, List<int> failures, byte[][] frames, Action? beforeEnd = null)
    {
        var options = new ReceiveOptions { Output = _folder.FullPath, Conflict = ConflictPolicy.Overwrite, AllowsSync = true, AllowsDelete = true };
        var plan = new ReceivePlanner(root, _manifest, options, "tests.sender");
        plan.Plan(-1);
        await using var intake = new Intake(root, _manifest, plan, options, "tests.sender", TimeProvider.System, (entry, _, _) => failures.Add(entry));
        var reader = new FrameReader(new MemoryStream([.. frames.SelectMany(frame => frame)]), _pool, TimeProvider.System);
        foreach (var _ in frames)
        {
            await intake.TakeAsync(await reader.ReadAsync(CancellationToken.None));
        }

        beforeEnd?.Invoke();
        return intake.Result;
    }
}
