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
        var options = new ReceiveOptions { Output = _folder.FullPath, Conflict = ConflictPolicy.Overwrite };
        var plan = new ReceivePlanner(root, _manifest, options, "tests.sender");
        plan.Plan(-1);
        await using var intake = new Intake(root, _manifest, plan, options, "tests.sender", TimeProvider.System, (entry, _, _) => failures.Add(entry));
        var reader = new FrameReader(new MemoryStream([.. frames.SelectMany(frame => frame)]), _pool, TimeProvider.System);
        foreach (var _ in frames)
        {
            await intake.TakeAsync(await reader.ReadAsync(CancellationToken.None));
        }

        return intake.Result;
    }
}
