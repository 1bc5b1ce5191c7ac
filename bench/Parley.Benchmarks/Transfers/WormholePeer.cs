using System.Globalization;
using Parley.Benchmarks.Peers;

namespace Parley.Benchmarks.Transfers;

/// <summary>Debian's magic-wormhole with a mailbox server of its own; the bytes go directly.</summary>
internal sealed class WormholePeer(TimeProvider timeProvider) : ITransferPeer
{
    private readonly ServerProcess _server = new(timeProvider);
    private readonly int _port = ServerProcess.FreePort();
    private int _code = 1;

    /// <inheritdoc/>
    public string Name => "magic-wormhole";

    /// <inheritdoc/>
    public string? Unavailable =>
        ServerProcess.Find("wormhole") is null || ServerProcess.Find("twist3") is null ? "magic-wormhole, its mailbox server (python3-magic-wormhole-mailbox-server) or twist3 is not installed" : null;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => _server.StartAsync(
        ServerProcess.Find("twist3")!,
        ["wormhole-mailbox", string.Create(CultureInfo.InvariantCulture, $"--port=tcp:{_port}:interface=127.0.0.1"), $"--channel-db={_server.Folder}/channel.db", $"--usage-db={_server.Folder}/usage.db"],
        _port,
        cancellationToken);

    /// <inheritdoc/>
    public async Task<TransferCost> CopyAsync(string source, string target, CancellationToken cancellationToken)
    {
        var wormhole = ServerProcess.Find("wormhole")!;
        var mailbox = string.Create(CultureInfo.InvariantCulture, $"ws://127.0.0.1:{_port}/v1");
        var code = string.Create(CultureInfo.InvariantCulture, $"{_code++}-bench-mark");
        using var run = new TransferRun(timeProvider);
        var begun = timeProvider.GetTimestamp();
        run.Start(wormhole, ["--relay-url", mailbox, "--transit-helper", "", "send", "--hide-progress", "--code", code, source], _server.Folder);
        run.Start(wormhole, ["--relay-url", mailbox, "--transit-helper", "", "receive", "--hide-progress", "--accept-file", code], target);
        return await run.EndAsync(begun, target, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
