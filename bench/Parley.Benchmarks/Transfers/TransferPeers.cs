using Parley.Benchmarks.Scenarios;

namespace Parley.Benchmarks.Transfers;

/// <summary>Everything that can bring files here, of a kind, started.</summary>
internal sealed class TransferPeers(BenchContext context, TransferKind kind) : IAsyncDisposable
{
    private readonly List<ITransferPeer> _started = [];

    /// <summary>In the order of their turns.</summary>
    public IReadOnlyList<ITransferPeer> Started => _started;

    /// <summary>Starts what is there; says what is left out and why. With --peers that names any of them, only those.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var all = Make().ToArray();
        var chosen = all.Any(peer => context.Options.Peers.Contains(peer.Name) && peer.Name != "parley") ? context.Options.Peers : [.. all.Select(peer => peer.Name)];
        foreach (var peer in all.Where(peer => chosen.Contains(peer.Name)))
        {
            if (peer.Unavailable is { } reason)
            {
                context.Say($"skipped {peer.Name}: {reason}");
                continue;
            }

            _started.Add(peer);
            await peer.StartAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var peer in _started)
        {
            await peer.DisposeAsync();
        }
    }

    private IEnumerable<ITransferPeer> Make()
    {
        var (program, time) = (context.Options.ParleyProgram, context.TimeProvider);
        ParleyTransferPeer Parley(string name, params string[] options) => new(name, options, program, time);
        return kind switch
        {
            TransferKind.LargeFile =>
            [
                new ScriptPeer("openssl-dgst", "openssl dgst -sha256", time), new ScriptPeer("sha256sum", "sha256sum", time), new SshPeer(time), new WormholePeer(time),
                Parley("parley", "--path", "direct"), Parley("parley-64k", "--path", "direct", "--chunk", "64KiB"), Parley("parley-webrtc", "--path", "webrtc"), Parley("parley-relay", "--path", "relay"),
            ],
            TransferKind.SmallFiles => [new SshPeer(time), new WormholePeer(time), Parley("parley", "--path", "direct"), Parley("parley-relay", "--path", "relay")],
            _ => [Parley("parley"), Parley("parley-direct", "--path", "direct")],
        };
    }
}
