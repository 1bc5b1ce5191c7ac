namespace Parley.Benchmarks.Peers;

/// <summary>The hub as a child process, and links of Parley.Client.</summary>
internal sealed class ParleyPeer(string? program, bool isSecured, TimeProvider timeProvider) : IRequestReplyPeer
{
    private readonly ServerProcess _server = new(timeProvider);

    /// <inheritdoc/>
    public string Name => "parley";

    /// <inheritdoc/>
    public int ProcessId => _server.Id;

    /// <inheritdoc/>
    public string? Unavailable => program is null ? "name the built program with --parley" : $"{(isSecured ? "the TLS link" : "the link")} is not attached to the benchmarks yet";

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => throw NotYet();

    /// <inheritdoc/>
    public Task<IAsyncDisposable> ConnectResponderAsync(string name, CancellationToken cancellationToken) => throw NotYet();

    /// <inheritdoc/>
    public Task<IRequester> ConnectRequesterAsync(string name, CancellationToken cancellationToken) => throw NotYet();

    /// <inheritdoc/>
    public Task<IAsyncDisposable> ConnectIdleAsync(string name, CancellationToken cancellationToken) => throw NotYet();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private InvalidOperationException NotYet() => new(Unavailable);
}
