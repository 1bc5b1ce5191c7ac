using Parley.Client.Transfer;
using Parley.Protocol.Errors;

namespace Parley.Tests.Transfer;

public sealed class TransferSyncTests
{
    private const int Size = 100 * TransferStage.ChunkBytes;

    [Fact]
    public async Task Of_a_file_that_is_there_only_changed_chunks_travel()
    {
        using var stage = new TransferStage();
        var content = TransferStage.Noise(Size + 100);
        stage.WriteOld("f", content);
        content[5 * TransferStage.ChunkBytes] ^= 1;
        content[^1] ^= 1;
        stage.Write("f", content);

        var sent = await SyncAsync(stage, TransferMode.Sync, "f");

        Assert.Equal(content, File.ReadAllBytes(stage.To("f")));
        Assert.Equal((1, TransferStage.Hash(content)), (sent.Files, sent.Sha256));
        Assert.InRange(stage.BytesOfPaths, TransferStage.ChunkBytes, 8 * TransferStage.ChunkBytes);
    }

    [Theory]
    [InlineData(Size / 2)]
    [InlineData(Size + 5000)]
    public async Task A_file_that_became_shorter_or_longer_is_updated(int size)
    {
        using var stage = new TransferStage();
        stage.WriteOld("f", TransferStage.Noise(Size));
        var content = TransferStage.Noise(Math.Max(Size, size)).AsSpan(0, Math.Min(Size, size)).ToArray();
        content = size > Size ? [.. TransferStage.Noise(Size), .. TransferStage.Noise(size - Size, 3)] : content;
        stage.Write("f", content);

        await SyncAsync(stage, TransferMode.Sync, "f");

        Assert.Equal(content, File.ReadAllBytes(stage.To("f")));
    }

    [Fact]
    public async Task The_same_content_under_another_time_is_unchanged_by_checksum()
    {
        using var stage = new TransferStage();
        stage.Write("f", TransferStage.Noise(Size));
        stage.WriteOld("f", TransferStage.Noise(Size));
        File.SetLastWriteTimeUtc(stage.To("f"), DateTime.UnixEpoch);

        var sent = await SyncAsync(stage, TransferMode.Checksum, "f");

        Assert.Equal((0, 1), (sent.Files, sent.Unchanged));
        Assert.Equal(["f"], Directory.GetFileSystemEntries(stage.Target.FullPath).Select(Path.GetFileName));
        Assert.InRange(stage.BytesOfPaths, 1, 3 * TransferStage.ChunkBytes);
    }

    [Fact]
    public async Task What_the_sender_does_not_have_is_removed_but_for_what_it_left_out()
    {
        using var stage = new TransferStage();
        stage.Write("tree/kept", "x"u8);
        stage.Write("tree/cache/local", "left out here"u8);
        stage.Write("outside", "untouched"u8);
        foreach (var name in (string[])["tree/gone", "tree/old/deep/gone", "tree/cache/theirs", "beside"])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(stage.To(name))!);
            stage.WriteOld(name, "old");
        }

        File.CreateSymbolicLink(stage.To("tree/link"), stage.From("outside"));

        var (sent, _) = await stage.RunAsync(
            new SendOptions { Paths = [stage.From("tree")], Mode = TransferMode.Sync | TransferMode.Delete, Excludes = ["cache/"] },
            new ReceiveOptions { Output = stage.Target.FullPath, AllowsSync = true, AllowsDelete = true });

        Assert.Equal(["beside", "tree/cache/theirs", "tree/kept"], stage.Files());
        Assert.False(Directory.Exists(stage.To("tree/old")));
        Assert.Equal("untouched", File.ReadAllText(stage.From("outside")));
        Assert.Equal(5, sent.Deleted);
    }

    [Theory]
    [InlineData(TransferMode.Sync, false, "--allow-sync", "--allow-delete")]
    [InlineData(TransferMode.Sync | TransferMode.Delete, false, "--allow-sync and --allow-delete", null)]
    [InlineData(TransferMode.Sync | TransferMode.Delete, true, "--allow-delete", "--allow-sync")]
    public async Task Without_the_receivers_leave_nothing_comes_and_the_sender_hears_what_it_takes(TransferMode mode, bool allowsSync, string said, string? unsaid)
    {
        using var stage = new TransferStage();
        stage.Write("tree/a", "new"u8);
        Directory.CreateDirectory(stage.To("tree"));
        stage.WriteOld("tree/a", "old");
        stage.WriteOld("tree/b", "old");

        var refused = await Assert.ThrowsAsync<ParleyException>(() => stage.RunAsync(
            new SendOptions { Paths = [stage.From("tree")], Mode = mode }, new ReceiveOptions { Output = stage.Target.FullPath, AllowsSync = allowsSync }));

        Assert.Equal(ErrorCode.TransferDeclined, refused.Code);
        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
        Assert.True(unsaid is null || !refused.Message.Contains(unsaid, StringComparison.Ordinal));
        Assert.Equal(["tree/a", "tree/b"], stage.Files());
        Assert.Equal("old", File.ReadAllText(stage.To("tree/a")));
    }

    private static async Task<TransferResult> SyncAsync(TransferStage stage, TransferMode mode, string name) =>
        (await stage.RunAsync(new SendOptions { Paths = [stage.From(name)], Mode = mode }, new ReceiveOptions { Output = stage.Target.FullPath, AllowsSync = true })).Sent;
}
