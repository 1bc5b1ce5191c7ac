using System.Security.Cryptography;
using Parley.Benchmarks.Measuring;
using Parley.Benchmarks.Transfers;

namespace Parley.Benchmarks.Scenarios;

/// <summary>One large file, or many small ones, from process to process.</summary>
/// <param name="kind">What is sent.</param>
internal sealed class TransferScenario(TransferKind kind) : IScenario
{
    private const double Megabyte = 1024 * 1024;
    private const int SmallFiles = 10_000;
    private const int SmallBytes = 4096;

    /// <inheritdoc/>
    public string Name => kind switch
    {
        TransferKind.LargeFile => "transfer",
        TransferKind.SmallFiles => "small-files",
        _ => "first-byte",
    };

    /// <inheritdoc/>
    public string Reference => kind switch
    {
        TransferKind.LargeFile => "openssl-dgst",
        TransferKind.SmallFiles => "scp",
        _ => "parley",
    };

    /// <inheritdoc/>
    public string Explanation => kind switch
    {
        TransferKind.LargeFile => "One file of --megabytes of random bytes between two folders in memory (/dev/shm), hashed at both ends (scp: neither), whole processes, from the start of the sender until both have ended. openssl-dgst and sha256sum: tee and socat, in clear.",
        TransferKind.SmallFiles => $"A folder of {SmallFiles:N0} files of {SmallBytes:N0} bytes between two folders in memory (/dev/shm), whole processes.",
        _ => "A file of one byte: from the start of the sender's process until something of it is in the receiver's folder; the receiver waits already.",
    };

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Measurement>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var root = Directory.CreateDirectory(Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"parley-bench-{Environment.ProcessId}")).FullName;
        var costs = new Dictionary<string, List<TransferCost>>();
        await using var peers = new TransferPeers(context, kind);
        try
        {
            var source = await MakeSourceAsync(root, context.Options.Megabytes, cancellationToken);
            await peers.StartAsync(cancellationToken);

            // One turn more than counts: it fills caches.
            for (var run = -1; run < context.Options.Runs; run++)
            {
                foreach (var peer in peers.Started)
                {
                    var target = Directory.CreateDirectory(Path.Combine(root, "target")).FullName;
                    var cost = await peer.CopyAsync(source, target, cancellationToken);
                    CheckCount(source, target, peer.Name);
                    Directory.Delete(target, recursive: true);
                    context.Say(FormattableString.Invariant($"{(run < 0 ? "warm-up" : $"run {run + 1}")} {peer.Name}: {cost.Elapsed.TotalSeconds:0.00} s, first byte {cost.FirstByte.TotalMilliseconds:0} ms, {cost.Processor.TotalSeconds:0.0} s of processor, {cost.PeakBytes / Megabyte:0} MiB"));
                    if (run >= 0)
                    {
                        costs.TryAdd(peer.Name, []);
                        costs[peer.Name].Add(cost);
                    }
                }
            }
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }

        return [.. Rows(context.Options.Megabytes).SelectMany(row => costs.Select(peer => new Measurement(row.Name, peer.Key, row.Unit, Summary.Of([.. peer.Value.Select(row.Value)]))))];
    }

    private IEnumerable<(string Name, string Unit, Func<TransferCost, double> Value)> Rows(int megabytes) => kind switch
    {
        TransferKind.LargeFile =>
        [
            ("one file", "MB/s", cost => megabytes * Megabyte / 1e6 / cost.Elapsed.TotalSeconds),
            ("one file, processor", "s", cost => cost.Processor.TotalSeconds),
            ("one file, peak resident of an end", "MiB", cost => cost.PeakBytes / Megabyte),
            ("one file, growth of the hub", "MiB", cost => cost.HubGrowth / Megabyte),
        ],
        TransferKind.SmallFiles => [("small files", "files/s", cost => SmallFiles / cost.Elapsed.TotalSeconds), ("small files, peak resident of an end", "MiB", cost => cost.PeakBytes / Megabyte)],
        _ => [("first byte", "ms", cost => cost.FirstByte.TotalMilliseconds)],
    };

    private async Task<string> MakeSourceAsync(string root, int megabytes, CancellationToken cancellationToken)
    {
        var source = Path.Combine(root, "source");
        if (kind == TransferKind.SmallFiles)
        {
            Directory.CreateDirectory(source);
            for (var file = 0; file < SmallFiles; file++)
            {
                await File.WriteAllBytesAsync(Path.Combine(source, $"{file:00000}.bin"), RandomNumberGenerator.GetBytes(SmallBytes), cancellationToken);
            }

            return source;
        }

        await using var output = File.Create(source);
        var buffer = new byte[kind == TransferKind.FirstByte ? 1 : (int)Megabyte];
        for (var part = 0; part < (kind == TransferKind.FirstByte ? 1 : megabytes); part++)
        {
            RandomNumberGenerator.Fill(buffer);
            await output.WriteAsync(buffer, cancellationToken);
        }

        return source;
    }

    // Contents are checked by each peer's own hash, and here that nothing is missing.
    private static void CheckCount(string source, string target, string peer)
    {
        static (int Files, long Bytes) Of(IEnumerable<FileInfo> files) => files.Aggregate((Files: 0, Bytes: 0L), (sum, file) => (sum.Files + 1, sum.Bytes + file.Length));
        var sent = Of(Directory.Exists(source) ? new DirectoryInfo(source).EnumerateFiles("*", SearchOption.AllDirectories) : [new FileInfo(source)]);
        if (Of(new DirectoryInfo(target).EnumerateFiles("*", SearchOption.AllDirectories)) != sent)
        {
            throw new InvalidOperationException($"{peer} did not bring everything.");
        }
    }
}
