using System.Globalization;
using Parley.Benchmarks.Peers;

namespace Parley.Benchmarks.Transfers;

/// <summary>What somebody could script: bytes over a TCP connection of socat, in clear, hashed on the way at both ends.</summary>
internal sealed class ScriptPeer(string name, string hash, TimeProvider timeProvider) : ITransferPeer
{
    private static readonly TimeSpan _settle = TimeSpan.FromMilliseconds(300);

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public string? Unavailable => ServerProcess.Find("socat") is null ? "socat is not installed" : null;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task<TransferCost> CopyAsync(string source, string target, CancellationToken cancellationToken)
    {
        var port = ServerProcess.FreePort().ToString(CultureInfo.InvariantCulture);
        var hashes = Directory.CreateTempSubdirectory("parley-bench-hash-").FullName;
        using var run = new TransferRun(timeProvider);
        run.Start("/bin/bash", ["-c", $"set -o pipefail; socat -u -b 1048576 TCP-LISTEN:{port},bind=127.0.0.1,reuseaddr STDOUT | tee '{target}/copy' | {hash} > '{hashes}/received'"], target);
        await Task.Delay(_settle, timeProvider, cancellationToken);
        var begun = timeProvider.GetTimestamp();
        run.Start("/bin/bash", ["-c", $"set -o pipefail; tee >({hash} > '{hashes}/sent') < '{source}' | socat -u -b 1048576 STDIN TCP:127.0.0.1:{port}; sleep 0.01; wait"], target);
        var cost = await run.EndAsync(begun, target, cancellationToken);
        for (var look = 0; new FileInfo(Path.Combine(hashes, "sent")).Length == 0 && look < 1000; look++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(2), timeProvider, cancellationToken);
        }

        cost = cost with { Elapsed = timeProvider.GetElapsedTime(begun) };
        var isSame = await File.ReadAllTextAsync(Path.Combine(hashes, "sent"), cancellationToken) == await File.ReadAllTextAsync(Path.Combine(hashes, "received"), cancellationToken);
        Directory.Delete(hashes, recursive: true);
        return isSame ? cost : throw new InvalidOperationException($"{name}: the hashes differ.");
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
