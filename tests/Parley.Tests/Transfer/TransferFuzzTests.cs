using System.Security.Cryptography;
using Parley.Client.Transfer;
using Parley.Client.Transfer.Wire;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.Tests.Transfer;

public sealed class TransferFuzzTests
{
    private static readonly TransferLimits _limits = new() { ChunkBytes = TransferStage.ChunkBytes, MaxEntries = 100 };

    [Fact]
    public void Manifests_of_strangers_are_refused_or_safe()
    {
        var page = new FrameBuilder(FrameKind.Entries);
        ManifestFrames.Write(page, new ManifestEntry("tree", EntryKind.Folder, 0, 1, 2, false));
        ManifestFrames.Write(page, new ManifestEntry("tree/file.txt", EntryKind.File, 12345, 1, 2, true));
        ManifestFrames.Write(page, new ManifestEntry("tree/größe", EntryKind.File, 1, 1, 2, false));
        var good = page.Content.ToArray();

        Fuzz.Run(7100, Fuzz.Count, random => random.Next(4) == 0 ? Fuzz.Bytes(random, 200) : Fuzz.Mutate(random, good), bytes => Survive(() =>
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var manifest = new Manifest(_limits);
            ManifestFrames.Take(FrameKind.Entries, bytes, manifest, _limits, hash);
            Assert.All(manifest.Entries, entry => Assert.Null(Client.Transfer.Paths.SafePath.Refuse(entry.Path, _limits)));
        }));
    }

    [Fact]
    public void Beginnings_of_manifests_are_refused_or_within_limits()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var good = ManifestFrames.Begin(new Manifest(_limits) { Patterns = ["*.tmp", "a/**/b/"] }, hash).ToArray()[Frame.HeaderBytes..];

        Fuzz.Run(7200, Fuzz.Count, random => Fuzz.Mutate(random, good), bytes => Survive(() =>
        {
            using var sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            ManifestFrames.Take(FrameKind.Begin, bytes, new Manifest(_limits), _limits, sum);
        }));
    }

    [Fact]
    public void Plans_and_hashes_of_strangers_are_refused_or_within_the_manifest()
    {
        var plan = new FrameBuilder(FrameKind.Plan).Int32(0).Int32(2).Byte(1).Int32(0).Int32(3).Int32(1).Byte(2).Int32(7).Int32(4).Int32(6).Byte(3).Int32(0).Content.ToArray();
        var hashes = new FrameBuilder(FrameKind.Hashes).Int32(3).Int32(0).Int32(2).Bytes(new byte[64]).Content.ToArray();
        var manifest = new Manifest(_limits);
        for (var number = 0; number < 10; number++)
        {
            manifest.Add(new ManifestEntry($"{number}", EntryKind.File, number, 0, 0, false));
        }

        Fuzz.Run(7300, Fuzz.Count, random => (Fuzz.Mutate(random, plan), Fuzz.Mutate(random, hashes), random.Next(2) == 0), input => Survive(() =>
        {
            var taken = new SendPlan(manifest);
            taken.Take(input.Item3 ? plan : input.Item1);
            taken.TakeHashes(input.Item2, static _ => (0, 100));
        }));
    }

    [Fact]
    public void A_plan_names_entries_in_their_order_and_none_twice()
    {
        var manifest = new Manifest(_limits);
        manifest.Add(new ManifestEntry("a", EntryKind.File, 1, 0, 0, false));
        manifest.Add(new ManifestEntry("b", EntryKind.File, 2, 0, 0, false));
        var plan = new SendPlan(manifest);

        plan.Take(new FrameBuilder(FrameKind.Plan).Int32(1).Int32(1).Byte((byte)EntryAction.Skip).Int32(0).Content);

        Assert.Equal(2, plan.BytesThere);
        Assert.Throws<ParleyException>(() => plan.Take(new FrameBuilder(FrameKind.Plan).Int32(1).Int32(1).Byte((byte)EntryAction.Skip).Int32(0).Content));
        Assert.Throws<ParleyException>(() => plan.Take(new FrameBuilder(FrameKind.Plan).Int32(0).Int32(1).Byte((byte)EntryAction.Skip).Int32(0).Content));
    }

    [Fact]
    public void Small_frames_of_strangers_are_refused_or_read()
    {
        byte[][] good =
        [
            new Hello(1, 1, 4096, true).ToFrame().ToArray(), new Ack(1, 2, 3).ToFrame().ToArray(), new FileEnd(1, 2, 3, new byte[32]).ToFrame().ToArray(), new SameChunks(1, 2, 3).ToFrame().ToArray(),
            new Refusal(ErrorCode.TransferPath, "No.").ToFrame().ToArray(), new ResultFrame(1, 2, 3, 4, 5, new byte[32]).ToFrame().ToArray(),
        ];
        Action<byte[]>[] readers =
        [
            bytes => Hello.Read(bytes), bytes => Ack.Read(bytes), bytes => FileEnd.Read(bytes), bytes => SameChunks.Read(bytes),
            bytes => Refusal.Read(bytes), bytes => ResultFrame.Read(bytes), bytes => Refusal.ReadOfEntry(bytes), bytes => ChunkFrame.Read(bytes),
        ];

        Fuzz.Run(7400, Fuzz.Count, random => (Fuzz.Mutate(random, good[random.Next(good.Length)].AsSpan(Frame.HeaderBytes)), readers[random.Next(readers.Length)]), input => Survive(() => input.Item2(input.Item1)));
    }

    [Fact]
    public void A_stream_of_frames_is_cut_the_same_however_it_arrives()
    {
        Fuzz.Run(7500, Math.Max(Fuzz.Count / 100, 20), static random => random, random =>
        {
            var lengths = Enumerable.Range(0, 20).Select(_ => random.Next(3) == 0 ? random.Next(100_000) : random.Next(300)).ToArray();
            var pool = new ChunkBuffers(TransferLimits.MinChunkBytes);
            using var stream = new MemoryStream();
            foreach (var length in lengths)
            {
                var header = new byte[Frame.HeaderBytes];
                Frame.WriteHeader(header, FrameKind.Chunk, length);
                stream.Write(header);
                stream.Write(TransferStage.Noise(length, length));
            }

            stream.Position = 0;
            var reader = new FrameReader(new PiecewiseStream(stream, random.Next()), pool, TimeProvider.System);

            foreach (var length in lengths)
            {
                using var frame = reader.ReadAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();
                Assert.True(frame.Content.Span.SequenceEqual(TransferStage.Noise(length, length)));
            }
        });
    }

    [Fact]
    public async Task A_frame_longer_than_any_is_refused_before_memory_is_taken_for_it()
    {
        var header = new byte[Frame.HeaderBytes];
        Frame.WriteHeader(header, FrameKind.Chunk, int.MaxValue);
        var reader = new FrameReader(new MemoryStream(header), new ChunkBuffers(TransferLimits.MinChunkBytes), TimeProvider.System);

        var refused = await Assert.ThrowsAsync<ParleyException>(() => reader.ReadAsync(CancellationToken.None).AsTask());

        Assert.Equal(ErrorCode.ProtocolViolation, refused.Code);
    }

    [Fact]
    public void A_manifest_that_was_cut_or_changed_is_refused_at_its_end()
    {
        using var theirs = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var ours = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        theirs.AppendData("something else"u8);
        var end = ManifestFrames.End(0, theirs).ToArray()[Frame.HeaderBytes..];

        var refused = Assert.Throws<ParleyException>(() => ManifestFrames.Take(FrameKind.ManifestEnd, end, new Manifest(_limits), _limits, ours));

        Assert.Equal(ErrorCode.IntegrityFailed, refused.Code);
    }

    private static void Survive(Action read)
    {
        try
        {
            read();
        }
        catch (ParleyException)
        {
            // A refusal is what is wanted; anything else fails the test.
        }
    }

    /// <summary>Gives what it has in pieces of random length.</summary>
    private sealed class PiecewiseStream(Stream inner, int seed) : Protocol.Files.ReadOnlyStream
    {
        private readonly Random _random = new(seed);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            inner.ReadAsync(buffer[..Math.Min(buffer.Length, _random.Next(1, 20_000))], cancellationToken);
    }
}
