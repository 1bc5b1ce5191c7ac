using Parley.Client.Transfer;
using Parley.Client.Transfer.Wire;
using Parley.Protocol.Errors;
using Parley.Protocol.Files;

namespace Parley.Tests.Transfer;

public sealed class TransferBreakTests
{
    // Hello, manifest, plan, chunks, ends and result all lie in these bytes: each try breaks somewhere else.
    [Fact]
    public async Task Wherever_the_path_breaks_the_transfer_goes_on_and_is_byte_identical()
    {
        var random = new Random(11);
        var large = TransferStage.Noise(60_000, 2);
        for (var run = 0; run < 40; run++)
        {
            var first = run < 20 ? random.Next(1, 600) : random.Next(600, 80_000);
            var second = random.Next(1, 80_000);
            using var stage = new TransferStage { Cut = path => path switch { 0 => first, 1 => second, _ => long.MaxValue } };
            stage.Write("tree/large", large);
            stage.Write("tree/small", "small"u8);
            stage.Write("tree/deep/er/file", TransferStage.Noise(9000, 3));

            var (sent, received) = await stage.RunAsync("tree");

            Assert.True(large.AsSpan().SequenceEqual(File.ReadAllBytes(stage.To("tree/large"))), $"cut at {first} and {second}");
            Assert.Equal("small", File.ReadAllText(stage.To("tree/small")));
            Assert.Equal(TransferStage.Noise(9000, 3), File.ReadAllBytes(stage.To("tree/deep/er/file")));
            Assert.Equal((3, 0, sent.Sha256), (received.Files, received.FailedCount, received.Sha256));
            Assert.NotNull(sent.Sha256);
            Assert.Equal(3, Directory.EnumerateFiles(stage.Target.FullPath, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }).Count());
        }
    }

    [Fact]
    public async Task A_stream_that_nobody_can_read_twice_survives_broken_paths()
    {
        var random = new Random(12);
        var content = TransferStage.Noise(150_000, 4);
        using var stage = new TransferStage { Cut = path => path < 5 ? random.Next(20_000, 60_000) : long.MaxValue };

        var (sent, _) = await stage.RunAsync(new SendOptions { Stream = new MemoryStream(content), StreamName = "s" }, new ReceiveOptions { Output = stage.Target.FullPath });

        Assert.Equal(content, File.ReadAllBytes(stage.To("s")));
        Assert.Equal(TransferStage.Hash(content), sent.Sha256);
        Assert.True(stage.Paths > 1);
    }

    [Fact]
    public async Task Paths_that_break_at_once_again_and_again_end_the_transfer_with_a_hint()
    {
        using var stage = new TransferStage { Cut = static _ => 10 };
        stage.Write("f", "x"u8);

        var refused = await Assert.ThrowsAsync<ParleyException>(() => stage.RunAsync("f"));

        Assert.Equal(ErrorCode.AgentOffline, refused.Code);
        Assert.Equal(new TransferLimits().MaxIdlePaths, stage.Paths - 1);
    }

    [Fact]
    public async Task Paths_that_broke_before_anything_was_acknowledged_brought_something_all_the_same()
    {
        var content = TransferStage.Noise(600_000, 7);
        using var stage = new TransferStage { Cut = static path => path < 12 ? 45_000 : long.MaxValue };
        stage.Write("f", content);

        var (sent, _) = await stage.RunAsync("f");

        Assert.Equal(TransferStage.Hash(content), sent.Sha256);
        Assert.True(stage.Paths > 2 * new TransferLimits().MaxIdlePaths, $"{stage.Paths} paths");
    }

    [Fact]
    public async Task A_new_try_takes_up_the_chunks_of_the_old_one_and_the_hash_as_well()
    {
        var content = TransferStage.Noise(400_000, 5);
        using var stage = new TransferStage { Cut = static path => path == 0 ? 300_000 : 10 };
        stage.Write("f", content);
        await Assert.ThrowsAsync<ParleyException>(() => stage.RunAsync("f"));
        var partial = Assert.Single(Directory.GetFiles(stage.Target.FullPath, ".parley-*.state"));
        using var again = new TransferStage(stage);

        var (sent, _) = await again.RunAsync("f");

        Assert.InRange(again.Offered!.Resumed, 200_000, 300_000);
        Assert.False(File.Exists(partial));
        Assert.Equal(content, File.ReadAllBytes(stage.To("f")));
        Assert.Equal(TransferStage.Hash(content), sent.Sha256);
    }

    [Fact]
    public async Task What_came_is_kept_though_the_path_takes_no_more_acknowledgements()
    {
        var content = TransferStage.Noise(400_000, 5);
        using var stage = new TransferStage
        {
            Cut = static path => path == 0 ? 300_000 : 10,
            ReceiverEnd = static (path, stream) => path == 0 ? new HalfDeadStream(stream, 100_000) : stream,
        };
        stage.Write("f", content);
        await Assert.ThrowsAsync<ParleyException>(() => stage.RunAsync("f"));
        using var again = new TransferStage(stage);

        await again.RunAsync("f");

        Assert.InRange(again.Offered!.Resumed, 250_000, 300_000);
        Assert.Equal(content, File.ReadAllBytes(stage.To("f")));
    }

    [Fact]
    public async Task A_result_that_was_heard_counts_though_nobody_hears_the_goodbye()
    {
        using var stage = new TransferStage { SenderEnd = static stream => new WordlessStream(stream) };
        stage.Write("f", "x"u8);

        var (sent, received) = await stage.RunAsync("f");

        Assert.Equal((1, 1, 1), (sent.Files, received.Files, stage.Paths));
    }

    [Fact]
    public async Task What_was_verified_is_not_hashed_again_but_the_end_still_proves_the_rest()
    {
        var content = TransferStage.Noise(400_000, 6);
        using var stage = new TransferStage { Cut = static path => path == 0 ? 300_000 : 10 };
        stage.Write("f", content);
        await Assert.ThrowsAsync<ParleyException>(() => stage.RunAsync("f"));
        var sentBefore = stage.BytesOfPaths;
        using var again = new TransferStage(stage);

        await again.RunAsync("f");

        Assert.InRange(again.BytesOfPaths, 1, 250_000);
        Assert.True(sentBefore >= 300_000);
    }

    [Fact]
    public async Task A_changed_source_is_never_glued_to_old_chunks()
    {
        using var stage = new TransferStage { Cut = static path => path == 0 ? 300_000 : 10 };
        stage.Write("f", TransferStage.Noise(400_000, 7));
        var time = File.GetLastWriteTimeUtc(stage.From("f"));
        await Assert.ThrowsAsync<ParleyException>(() => stage.RunAsync("f"));
        stage.Write("f", TransferStage.Noise(400_000, 8));
        File.SetLastWriteTimeUtc(stage.From("f"), time);
        using var again = new TransferStage(stage);

        await again.RunAsync("f");

        Assert.Equal(0, again.Offered!.Resumed);
        Assert.Equal(TransferStage.Noise(400_000, 8), File.ReadAllBytes(stage.To("f")));
    }

    [Fact]
    public async Task The_state_of_a_partial_file_is_its_owners_alone_and_old_ones_go()
    {
        using var stage = new TransferStage { Cut = static path => path == 0 ? 300_000 : 10 };
        stage.Write("f", TransferStage.Noise(400_000, 9));
        await Assert.ThrowsAsync<ParleyException>(() => stage.RunAsync("f"));
        var state = Assert.Single(Directory.GetFiles(stage.Target.FullPath, ".parley-*.state"));
        var mode = File.GetUnixFileMode(state);
        foreach (var file in Directory.GetFiles(stage.Target.FullPath, ".parley-*"))
        {
            File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch);
        }

        stage.Write("g", "x"u8);
        using var again = new TransferStage(stage);
        await again.RunAsync("g");

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, mode);
        Assert.Equal(["g"], Directory.GetFileSystemEntries(stage.Target.FullPath).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_partial_file_that_is_a_link_is_not_written_through()
    {
        using var stage = new TransferStage { Cut = static path => path == 0 ? 300_000 : 10 };
        stage.Write("f", TransferStage.Noise(400_000, 9));
        await Assert.ThrowsAsync<ParleyException>(() => stage.RunAsync("f"));
        var victim = stage.From("victim");
        File.WriteAllText(victim, "untouched");
        foreach (var file in Directory.GetFiles(stage.Target.FullPath, ".parley-*"))
        {
            File.Delete(file);
            File.CreateSymbolicLink(file, victim);
        }

        using var again = new TransferStage(stage);
        var outcome = await again.RunAsync("f");

        Assert.Equal("untouched", File.ReadAllText(victim));
        Assert.True(outcome.Sent.FailedCount == 1 || File.ReadAllBytes(stage.To("f")).AsSpan().SequenceEqual(TransferStage.Noise(400_000, 9)));
    }

    [Fact]
    public async Task A_file_that_changes_while_it_is_sent_is_told_and_does_not_arrive()
    {
        TransferStage stage = null!;
        using var _ = stage = new TransferStage
        {
            Decide = offer =>
            {
                File.AppendAllText(stage.From("tree/log"), "more");
                return true;
            },
        };
        stage.Write("tree/log", TransferStage.Noise(50_000));
        stage.Write("tree/other", "x"u8);

        var (sent, received) = await stage.RunAsync("tree");

        Assert.Equal(("tree/log", ErrorCode.TransferChanged), (Assert.Single(sent.Failures).Path, sent.Failures[0].Code));
        Assert.Equal((1, 1), (received.Files, received.FailedCount));
        Assert.Equal(["other"], Directory.GetFileSystemEntries(stage.To("tree")).Select(Path.GetFileName));
    }

    /// <summary>Breaks at the sender's last word.</summary>
    private sealed class WordlessStream(Stream stream) : AsyncStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => stream.ReadAsync(buffer, cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            buffer.Length == Frame.HeaderBytes && buffer.Span[0] == (byte)FrameKind.Bye ? throw new IOException("The path takes nothing more.") : stream.WriteAsync(buffer, cancellationToken);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                stream.Dispose();
            }

            base.Dispose(disposing);
        }
    }

    /// <summary>After so many bytes it takes nothing more, and what comes later is read only once somebody has noticed that.</summary>
    private sealed class HalfDeadStream(Stream stream, long bytes) : AsyncStream
    {
        private readonly TaskCompletionSource _isNoticed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private long _left = bytes;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Interlocked.Read(ref _left) <= 0)
            {
                await _isNoticed.Task.WaitAsync(cancellationToken);
            }

            var count = await stream.ReadAsync(buffer[..Math.Min(buffer.Length, 10_000)], cancellationToken);
            Interlocked.Add(ref _left, -count);
            return count;
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Interlocked.Read(ref _left) > 0)
            {
                await stream.WriteAsync(buffer, cancellationToken);
                return;
            }

            _isNoticed.TrySetResult();
            throw new IOException("The path takes nothing more.");
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                stream.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
