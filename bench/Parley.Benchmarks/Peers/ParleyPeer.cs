using Parley.Client.Load;

namespace Parley.Benchmarks.Peers;

/// <summary>The hub as a child process, and links of Parley.Client. Options are the defaults, except: no message log, no limit on the rate of a pair.</summary>
/// <param name="program">The built <c>parley</c>.</param>
/// <param name="isListener">Whether responders are whole listeners with a journal and a responder pipeline, as <c>parley a2a listen</c> has them.</param>
/// <param name="isSecured">Over TLS with the hub's own certificate, which agents pin.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class ParleyPeer(string? program, bool isListener, bool isSecured, TimeProvider timeProvider) : IResumingPeer, IDurablePeer
{
    private readonly ServerProcess _server = new(timeProvider);
    private readonly int _http = ServerProcess.FreePort();
    private readonly int _grpc = ServerProcess.FreePort();
    private ParleyHomes? _homes;
    private int _attached;

    /// <inheritdoc/>
    public string Name => isListener ? "parley-listener" : "parley";

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
        _homes = new ParleyHomes(Path.Combine(_server.Folder, "homes"), join, timeProvider);
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
        return isListener
            ? await ParleyListener.ConnectAsync(home, timeProvider, cancellationToken)
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
            "--message-log", "off", "--pair-rate", "0",
        ],
        timeProvider,
        cancellationToken);
}
