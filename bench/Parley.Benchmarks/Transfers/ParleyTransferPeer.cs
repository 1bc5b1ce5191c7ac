using Parley.Benchmarks.Measuring;
using Parley.Benchmarks.Peers;

namespace Parley.Benchmarks.Transfers;

/// <summary><c>parley p2p send</c> to <c>parley p2p recv</c> of another home, which waits already.</summary>
/// <param name="name">As on the command line.</param>
/// <param name="options">Options of the sender.</param>
/// <param name="program">The built <c>parley</c>.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class ParleyTransferPeer(string name, string[] options, string? program, TimeProvider timeProvider) : ITransferPeer
{
    private static readonly TimeSpan _settle = TimeSpan.FromSeconds(1.5);

    private readonly ServerProcess _hub = new(timeProvider);

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public string? Unavailable => program is null ? "no --parley PROGRAM was given" : null;

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var (http, grpc) = (ServerProcess.FreePort(), ServerProcess.FreePort());
        await HubServer.StartAsync(_hub, program!, http, ["--listen", HubServer.Address("http", http), "--grpc", HubServer.Address("http", grpc)], timeProvider, cancellationToken);
        var join = await ParleyHomes.MakeJoinStringAsync(program!, HubServer.DataOf(_hub), cancellationToken);
        foreach (var agent in (string[])["sender", "receiver"])
        {
            using var run = new TransferRun(timeProvider);
            run.Start(program!, ["join", "-", "--name", agent, "--home", HomeOf(agent)], _hub.Folder, join.Reveal());
            await run.EndAsync(timeProvider.GetTimestamp(), _hub.Folder, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async Task<TransferCost> CopyAsync(string source, string target, CancellationToken cancellationToken)
    {
        using var run = new TransferRun(timeProvider);
        var (hub, size) = (ProcessUsage.ProcessorTime(_hub.Id), ProcessUsage.ResidentBytes(_hub.Id));
        run.Start(program!, ["p2p", "recv", "--output", target, "--once", "--yes", "--no-progress", "--home", HomeOf("receiver")], _hub.Folder);
        await Task.Delay(_settle, timeProvider, cancellationToken);
        var begun = timeProvider.GetTimestamp();
        run.Start(program!, ["p2p", "send", source, "receiver", "--no-progress", "--home", HomeOf("sender"), .. options], _hub.Folder);
        var cost = await run.EndAsync(begun, target, cancellationToken);
        return cost with { Processor = cost.Processor + ProcessUsage.ProcessorTime(_hub.Id) - hub, HubGrowth = ProcessUsage.ResidentBytes(_hub.Id) - size };
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    private string HomeOf(string agent) => Path.Combine(_hub.Folder, agent);
}
