using System.Globalization;

namespace Parley.Benchmarks.Peers;

/// <summary>The floor: a message is two empty requests to a server that does nothing.</summary>
internal sealed class BareRoomPeer(TimeProvider timeProvider) : IRoomPeer
{
    /// <summary>Its name in the results.</summary>
    public const string PeerName = "bare kestrel";

    private readonly ServerProcess _server = new(timeProvider);

    /// <inheritdoc/>
    public string Name => PeerName;

    /// <inheritdoc/>
    public int ProcessId => _server.Id;

    /// <inheritdoc/>
    public int Port { get; } = ServerProcess.FreePort();

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) =>
        _server.StartAsync(Environment.ProcessPath!, [BareHttpServer.Verb, Port.ToString(CultureInfo.InvariantCulture)], Port, cancellationToken);

    /// <inheritdoc/>
    public Task<RoomRequests> PairAsync(int number, CancellationToken cancellationToken) =>
        Task.FromResult(new RoomRequests(HttpConnection.Request("POST", "/send"), HttpConnection.Request("GET", "/wait"), CanWaitFirst: false));

    /// <inheritdoc/>
    public byte[] Hold(int number) => HttpConnection.Request("GET", BareHttpServer.HoldPath);

    /// <inheritdoc/>
    public Task PrepareHoldsAsync(int count, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
