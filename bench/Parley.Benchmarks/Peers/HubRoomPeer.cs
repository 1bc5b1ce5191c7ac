using System.Text.Json;

namespace Parley.Benchmarks.Peers;

/// <summary>A hub's rooms over HTTP. Options are the defaults, except: no rates per address and token.</summary>
/// <param name="program">The built <c>parley</c>.</param>
/// <param name="idleRooms">Rooms with both seats taken in which nobody speaks.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class HubRoomPeer(string program, int idleRooms, TimeProvider timeProvider) : IRoomPeer
{
    /// <summary>Long enough to be taken for no courtesy.</summary>
    private const int MessageBytes = 128;
    private const int ConnectionsAtOnce = 16;

    private readonly ServerProcess _server = new(timeProvider);
    private readonly int _grpc = ServerProcess.FreePort();
    private readonly Dictionary<int, RoomRequests> _pairs = [];
    private string[] _joiners = [];

    /// <inheritdoc/>
    public string Name => idleRooms == 0 ? "parley" : FormattableString.Invariant($"parley beside {idleRooms:#,0} rooms");

    /// <inheritdoc/>
    public int ProcessId => _server.Id;

    /// <inheritdoc/>
    public int Port { get; } = ServerProcess.FreePort();

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        string[] options = ["--listen", HubServer.Address("http", Port), "--grpc", HubServer.Address("http", _grpc), "--message-log", "off", "--no-room-rates"];
        await HubServer.StartAsync(_server, program, Port, options, timeProvider, cancellationToken);
        await PrepareHoldsAsync(idleRooms, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<RoomRequests> PairAsync(int number, CancellationToken cancellationToken)
    {
        if (_pairs.TryGetValue(number, out var known))
        {
            return known;
        }

        using var connection = await HttpConnection.ConnectAsync(Port, cancellationToken);
        var (host, joiner) = await OpenAsync(connection, cancellationToken);
        var requests = new RoomRequests(
            HttpConnection.Request("POST", "/send", host, "text/plain", new string('x', MessageBytes)), HttpConnection.Request("GET", "/wait", joiner), CanWaitFirst: true);
        _pairs.Add(number, requests);
        return requests;
    }

    /// <inheritdoc/>
    public byte[] Hold(int number) => HttpConnection.Request("GET", "/wait", _joiners[number]);

    /// <inheritdoc/>
    public async Task PrepareHoldsAsync(int count, CancellationToken cancellationToken)
    {
        var begun = _joiners.Length;
        if (count <= begun)
        {
            return;
        }

        Array.Resize(ref _joiners, count);
        var joiners = _joiners;
        await Task.WhenAll(Enumerable.Range(0, ConnectionsAtOnce).Select(async first =>
        {
            using var connection = await HttpConnection.ConnectAsync(Port, cancellationToken);
            for (var i = begun + first; i < count; i += ConnectionsAtOnce)
            {
                (_, joiners[i]) = await OpenAsync(connection, cancellationToken);
            }
        }));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static async Task<(string Host, string Joiner)> OpenAsync(HttpConnection connection, CancellationToken cancellationToken)
    {
        var opened = await AskAsync(connection, HttpConnection.Request("POST", "/setup", type: "application/json", body: """{"type":"standard"}"""), cancellationToken);
        var joined = await AskAsync(connection, HttpConnection.Request("POST", $"/register-and-join/{opened.GetProperty("code").GetString()}"), cancellationToken);
        return (opened.GetProperty("token").GetString()!, joined.GetProperty("token").GetString()!);
    }

    private static async Task<JsonElement> AskAsync(HttpConnection connection, byte[] request, CancellationToken cancellationToken)
    {
        using var json = JsonDocument.Parse(await connection.AskAsync(request, cancellationToken));
        return json.RootElement.Clone();
    }
}
