using Parley.Client.Transfer;
using Parley.Protocol.Errors;

namespace Parley.Tests.Transfer;

public sealed class TransferTests
{
    [Fact]
    public async Task A_file_arrives_byte_for_byte_with_its_time_and_its_hash()
    {
        using var stage = new TransferStage();
        var content = TransferStage.Noise(100_000);
        stage.Write("report.bin", content);
        File.SetLastWriteTimeUtc(stage.From("report.bin"), new DateTime(2021, 3, 4, 5, 6, 7, DateTimeKind.Utc));

        var (sent, received) = await stage.RunAsync("report.bin");

        Assert.Equal(content, File.ReadAllBytes(stage.To("report.bin")));
        Assert.Equal(new DateTime(2021, 3, 4, 5, 6, 7, DateTimeKind.Utc), File.GetLastWriteTimeUtc(stage.To("report.bin")));
        Assert.Equal((1, 100_000L, TransferStage.Hash(content)), (sent.Files, sent.Bytes, sent.Sha256));
        Assert.Equal((sent.Transfer, sent.Files, sent.Bytes, sent.Sha256), (received.Transfer, received.Files, received.Bytes, received.Sha256));
        Assert.Equal(["report.bin"], Directory.GetFileSystemEntries(stage.Target.FullPath).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(TransferStage.ChunkBytes - 1)]
    [InlineData(TransferStage.ChunkBytes)]
    [InlineData(TransferStage.ChunkBytes + 1)]
    [InlineData(TransferStage.ChunkBytes * 3)]
    public async Task Files_at_the_edges_of_a_chunk_arrive(int length)
    {
        using var stage = new TransferStage();
        stage.Write("f", TransferStage.Noise(length));

        var (sent, _) = await stage.RunAsync("f");

        Assert.Equal(TransferStage.Noise(length), File.ReadAllBytes(stage.To("f")));
        Assert.Equal(TransferStage.Hash(TransferStage.Noise(length)), sent.Sha256);
    }

    [Fact]
    public async Task A_folder_arrives_with_its_structure_empty_folders_times_and_executable_bits()
    {
        using var stage = new TransferStage();
        stage.Write("tree/a/one.txt", "one"u8);
        stage.Write("tree/b/c/two.bin", TransferStage.Noise(20_000));
        stage.Write("tree/run.sh", "#!/bin/sh\n"u8);
        File.SetUnixFileMode(stage.From("tree/run.sh"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.SetUser);
        Directory.CreateDirectory(stage.From("tree/empty"));
        var moment = new DateTime(2020, 1, 2, 3, 4, 5, DateTimeKind.Utc);
        foreach (var folder in (string[])["tree/a", "tree/b/c", "tree/b", "tree/empty", "tree"])
        {
            Directory.SetLastWriteTimeUtc(stage.From(folder), moment);
        }

        var (sent, _) = await stage.RunAsync("tree");

        Assert.Equal((3, 0), (sent.Files, sent.FailedCount));
        Assert.Equal("one", File.ReadAllText(stage.To("tree/a/one.txt")));
        Assert.Equal(TransferStage.Noise(20_000), File.ReadAllBytes(stage.To("tree/b/c/two.bin")));
        Assert.True(Directory.Exists(stage.To("tree/empty")));
        Assert.All((string[])["tree/a", "tree/b/c", "tree/b", "tree/empty", "tree"], folder => Assert.Equal(moment, Directory.GetLastWriteTimeUtc(stage.To(folder))));
        Assert.Equal(UnixFileMode.UserExecute, File.GetUnixFileMode(stage.To("tree/run.sh")) & (UnixFileMode.UserExecute | UnixFileMode.SetUser));
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(stage.To("tree/a/one.txt")) & UnixFileMode.UserExecute);
    }

    [Fact]
    public async Task A_stream_arrives_under_the_name_it_was_given()
    {
        using var stage = new TransferStage();
        var content = TransferStage.Noise(50_001);

        var (sent, _) = await stage.RunAsync(new SendOptions { Stream = new MemoryStream(content), StreamName = "dump.sql" }, new ReceiveOptions { Output = stage.Target.FullPath });

        Assert.Equal(content, File.ReadAllBytes(stage.To("dump.sql")));
        Assert.Equal((1, 50_001L, TransferStage.Hash(content)), (sent.Files, sent.Bytes, sent.Sha256));
    }

    [Fact]
    public async Task Sent_again_an_unchanged_file_does_not_travel()
    {
        using var stage = new TransferStage();
        stage.Write("tree/a", TransferStage.Noise(10_000));
        stage.Write("tree/b", TransferStage.Noise(100));
        await stage.RunAsync("tree");
        File.WriteAllText(stage.From("tree/b"), "new");

        var (sent, _) = await stage.RunAsync(new SendOptions { Paths = [stage.From("tree")] }, new ReceiveOptions { Output = stage.Target.FullPath, Conflict = ConflictPolicy.Overwrite });

        Assert.Equal((1, 3L, 1), (sent.Files, sent.Bytes, sent.Unchanged));
        Assert.Equal("new", File.ReadAllText(stage.To("tree/b")));
    }

    [Fact]
    public async Task A_declined_offer_leaves_nothing_and_both_ends_say_so()
    {
        using var stage = new TransferStage { Decide = static _ => false };
        stage.Write("f", "x"u8);

        var refused = await Assert.ThrowsAsync<ParleyException>(() => stage.RunAsync("f"));

        Assert.Equal(ErrorCode.TransferDeclined, refused.Code);
        Assert.Empty(Directory.GetFileSystemEntries(stage.Target.FullPath));
    }

    [Fact]
    public async Task The_offer_says_what_would_come_before_anything_does()
    {
        var seen = -1;
        TransferStage stage = null!;
        using var _ = stage = new TransferStage
        {
            Decide = offer =>
            {
                seen = Directory.GetFileSystemEntries(stage.Target.FullPath).Length;
                return true;
            },
        };
        stage.Write("tree/a", TransferStage.Noise(10));
        stage.Write("tree/b", TransferStage.Noise(20));

        await stage.RunAsync("tree");

        Assert.Equal(0, seen);
        Assert.Equal((2, 30L, 1), (stage.Offered!.Files, stage.Offered.Bytes, stage.Offered.Manifest.Folders));
        Assert.Equal(["tree/a", "tree/b"], stage.Offered.Examples);
        Assert.True(stage.Offered.FreeBytes > 0);
    }
}
