using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Client.Transfer;
using Parley.Client.Transfer.Disk;
using Parley.Testing;
using Parley.Testing.Peering;

namespace Parley.Tests.Transfer;

/// <summary>A folder to send from, one to receive into, and both ends of a transfer between them.</summary>
internal sealed class TransferStage : IDisposable
{
    /// <summary>Small chunks, so that small files have many.</summary>
    public const int ChunkBytes = 4096;

    private readonly bool _isOwner = true;
    private readonly List<CuttableStream> _paths = [];

    public TransferStage() => (Source, Target) = (new TempFolder(), new TempFolder());

    /// <summary>Another try between the same folders, by new processes as it were.</summary>
    public TransferStage(TransferStage earlier) => (Source, Target, _isOwner) = (earlier.Source, earlier.Target, false);

    public TempFolder Source { get; }

    public TempFolder Target { get; }

    /// <summary>Bytes that travelled, both ways, on all paths.</summary>
    public long BytesOfPaths => _paths.Sum(static path => path.Bytes);

    public TransferLimits Limits { get; init; } = new() { ChunkBytes = ChunkBytes };

    public TransferProgress SenderProgress { get; } = new();

    public Offer? Offered { get; private set; }

    public int Paths { get; private set; }

    /// <summary>Path number n breaks after that many bytes.</summary>
    public Func<int, long> Cut { get; init; } = static _ => long.MaxValue;

    /// <summary>What the receiver has of path number n.</summary>
    public Func<int, Stream, Stream> ReceiverEnd { get; init; } = static (_, stream) => stream;

    /// <summary>What the sender has of it.</summary>
    public Func<Stream, Stream> SenderEnd { get; init; } = static stream => stream;

    /// <summary>How the sender opens folders.</summary>
    public Func<string, Folder> OpenFolder { get; init; } = Folder.Open;

    public Func<Offer, bool> Decide { get; init; } = static _ => true;

    public string From(string name) => Source.PathOf(name);

    public string To(string name) => Target.PathOf(name);

    public void Write(string name, ReadOnlySpan<byte> content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(From(name))!);
        File.WriteAllBytes(From(name), content.ToArray());
    }

    /// <summary>A file that is in the target already, older than all that is sent: two files written in one tick of the system's clock have the same time.</summary>
    public void WriteOld(string name, string content) => WriteOld(name, System.Text.Encoding.UTF8.GetBytes(content));

    /// <summary>The same with bytes.</summary>
    public void WriteOld(string name, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(To(name))!);
        File.WriteAllBytes(To(name), content);
        File.SetLastWriteTimeUtc(To(name), DateTime.UnixEpoch.AddYears(30));
    }

    /// <summary>All files that are in the target, by their paths.</summary>
    public IEnumerable<string> Files() => Directory
        .EnumerateFiles(Target.FullPath, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
        .Select(path => Path.GetRelativePath(Target.FullPath, path))
        .Order(StringComparer.Ordinal);

    public static byte[] Noise(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    public Task<(TransferResult Sent, TransferResult Received)> RunAsync(params string[] names) =>
        RunAsync(new SendOptions { Paths = [.. names.Select(From)] }, new ReceiveOptions { Output = Target.FullPath });

    public async Task<(TransferResult Sent, TransferResult Received)> RunAsync(SendOptions send, ReceiveOptions receive)
    {
        var pair = new PeerSessionPair(number =>
        {
            var (left, right) = CuttableStream.Pair(Cut(number));
            _paths.Add(left);
            return (SenderEnd(left), ReceiverEnd(number, right));
        });
        using var sender = new FileSender(pair.Opener, send with { Limits = Limits }, SenderProgress, TimeProvider.System, NullLogger.Instance) { OpenFolder = OpenFolder };
        await using var receiver = new FileReceiver(
            pair.Acceptor,
            receive with { Limits = Limits },
            (offer, _) =>
            {
                Offered = offer;
                return Task.FromResult(Decide(offer));
            },
            new TransferProgress(),
            TimeProvider.System,
            NullLogger.Instance);
        using var patience = new CancellationTokenSource(Deadline.Shared);
        var receiving = EndAsync(receiver.ReceiveAsync(patience.Token), pair.Acceptor);
        var sending = EndAsync(sender.SendAsync(patience.Token), pair.Opener);
        try
        {
            await Task.WhenAll(sending, receiving);
        }
        finally
        {
            Paths = pair.Paths;
        }

        return (await sending, await receiving);
    }

    public void Dispose()
    {
        if (_isOwner)
        {
            Source.Dispose();
            Target.Dispose();
        }
    }

    private static async Task<TransferResult> EndAsync(Task<TransferResult> running, Client.Peering.IPeerSession session)
    {
        try
        {
            return await running;
        }
        finally
        {
            await session.DisposeAsync();
        }
    }
}
