using Microsoft.Extensions.Logging.Abstractions;
using Parley.Client.Journal;
using Parley.Client.Load;
using Parley.Sqlite;

namespace Parley.Benchmarks.Peers;

/// <summary>The hub as a child process, and links of Parley.Client. Options are the defaults, except: no limit on the rate of a pair, and no message log where the setup names none.</summary>
/// <param name="program">The built <c>parley</c>.</param>
/// <param name="setup">What stands behind the peer's name.</param>
/// <param name="isSecured">Over TLS with the hub's own certificate, which agents pin.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class ParleyPeer(string? program, ParleySetup setup, bool isSecured, TimeProvider timeProvider) : IResumingPeer, IDurablePeer
{
    private readonly ServerProcess _server = new(timeProvider);
    private readonly int _http = ServerProcess.FreePort();
    private readonly int _grpc = ServerProcess.FreePort();
    private ParleyHomes? _homes;
    private int _attached;

    /// <inheritdoc/>
    public string Name => setup.Name;

    /// <inheritdoc/>
    public int ProcessId => _server.Id;

    /// <inheritdoc/>
    public int AttachedCount => Volatile.Read(ref _attached);

    /// <inheritdoc/>
    public string? Unavailable => program is null ? "name the built program with --parley" : null;

    private string Data => HubServer.DataOf(_server);

    private ParleyHomes Homes => _homes ?? throw new InvalidOperationException("The server was not started.");

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await StartHubAsync(cancellationToken);
        var join = await ParleyHomes.MakeJoinStringAsync(program!, Data, cancellationToken);
        _homes = new ParleyHomes(Path.Combine(_server.Folder, "homes"), join, setup.UsesWebSocket, timeProvider);
    }

    /// <inheritdoc/>
    public async Task RestartAsync(CancellationToken cancellationToken)
    {
        await _server.StopAsync();
        await StartHubAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IAsyncDisposable> ConnectResponderAsync(string name, CancellationToken cancellationToken)
    {
        var home = await Homes.EnsureAsync(name, cancellationToken);
        return setup.Journal is { } journal
            ? await ParleyListener.ConnectAsync(home, JournalOf(name, journal), timeProvider, cancellationToken)
            : await LoadResponder.ConnectAsync(home, timeProvider, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IRequester> ConnectRequesterAsync(string name, CancellationToken cancellationToken) =>
        await LoadRequester.ConnectAsync(await Homes.EnsureAsync(name, cancellationToken), waits: true, timeProvider, cancellationToken);

    /// <inheritdoc/>
    public async Task<IAsyncDisposable> ConnectIdleAsync(string name, CancellationToken cancellationToken)
    {
        var home = await Homes.EnsureAsync(name, cancellationToken);
        return await ParleyWatcher.ConnectAsync(home, onMessage: null, change => Interlocked.Add(ref _attached, change), timeProvider, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task CreateAbsentAsync(string name, CancellationToken cancellationToken) => await Homes.EnsureAsync(name, cancellationToken);

    /// <inheritdoc/>
    public async Task<IRequester> ConnectSenderAsync(string name, CancellationToken cancellationToken) =>
        await LoadRequester.ConnectAsync(await Homes.EnsureAsync(name, cancellationToken), waits: false, timeProvider, cancellationToken);

    /// <inheritdoc/>
    public async Task<IAsyncDisposable> ConnectReceiverAsync(string name, Action onMessage, CancellationToken cancellationToken) =>
        await ParleyWatcher.ConnectAsync(await Homes.EnsureAsync(name, cancellationToken), onMessage, _ => { }, timeProvider, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _homes?.Dispose();
        await _server.DisposeAsync();
    }

    private Task StartHubAsync(CancellationToken cancellationToken) => HubServer.StartAsync(
        _server,
        program!,
        _http,
        [
            .. isSecured
                ? new[] { "--listen", HubServer.Address("https", _http), "--tls", "self" }
                : ["--listen", HubServer.Address("http", _http), "--grpc", HubServer.Address("http", _grpc)],
            "--message-log", setup.MessageLog, "--pair-rate", "0", "--limit", "budget-messages=0",
        ],
        timeProvider,
        cancellationToken);

    private IJournal JournalOf(string name, JournalKind kind) => kind == JournalKind.Memory
        ? new MemoryJournal(timeProvider)
        : SqliteJournal.Open(Path.Combine(_server.Folder, $"{name}-{Guid.CreateVersion7(timeProvider.GetUtcNow()):N}.db"), Durability.Full, timeProvider, NullLogger.Instance);
}
