using System.Net;
using System.Net.Sockets;
using Parley.Client.PeerApi.Asking;
using Parley.Client.PeerApi.Serving;
using Parley.Testing;

namespace Parley.HubTests.PeerApi;

/// <summary>Connections that are opened to take the places of others.</summary>
public sealed class PeerFloodTests : IDisposable
{
    private static readonly PeerServerOptions _few = new() { MaxConnections = 12, MaxStrangersPerAddress = 4, MaxConnectionsPerPeer = 6 };
    private readonly List<IDisposable> _open = [];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Handshakes_that_never_end_leave_places_for_other_addresses(bool isDripping)
    {
        await using var pair = await PeerPair.StartAsync(Echo(), options: _few);
        for (var count = 0; count < 3 * _few.MaxConnections; count++)
        {
            // The first bytes of a record that announces 16 KiB and never comes.
            await ConnectAsync(pair, "127.0.0.2", isDripping ? [0x16, 0x03, 0x01, 0x40, 0x00] : []);
        }

        var reply = await pair.AskAsync("x", timeout: TimeSpan.FromSeconds(10));

        Assert.Equal(new PeerReply(PeerOutcome.Answered, "x"), reply);
    }

    [Fact]
    public async Task What_is_beyond_the_share_of_an_address_is_closed_at_once()
    {
        await using var pair = await PeerPair.StartAsync(Echo(), options: _few);
        for (var count = 0; count < _few.MaxStrangersPerAddress; count++)
        {
            await ConnectAsync(pair, "127.0.0.2", []);
        }

        await Deadline.UntilAsync(async () => await IsClosedAsync(await ConnectAsync(pair, "127.0.0.2", [])), "a connection that is closed");

        Assert.Contains(pair.Log.Lines, line => line.Text.Contains("its address has its share", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_connection_that_ended_gives_its_place_back()
    {
        await using var pair = await PeerPair.StartAsync(Echo(), options: _few with { MaxStrangersPerAddress = 1 });

        for (var count = 0; count < 5; count++)
        {
            await Deadline.UntilAsync(async () => (await pair.AskAsync("x", timeout: TimeSpan.FromSeconds(10))).Outcome == PeerOutcome.Answered, "an answer");
        }
    }

    [Fact]
    public async Task Connections_on_which_a_request_was_proved_take_nothing_from_their_address()
    {
        await using var pair = await PeerPair.StartAsync(Echo(), options: _few with { MaxStrangersPerAddress = 1 });
        using var first = pair.Client();
        using var second = pair.Client("gamma");

        var replies = new List<PeerOutcome>();
        foreach (var client in new[] { first, second, first })
        {
            replies.Add((await client.ReadCardAsync(TimeSpan.FromSeconds(10), CancellationToken.None)).Outcome);
        }

        Assert.Equal([PeerOutcome.Answered, PeerOutcome.Answered, PeerOutcome.Answered], replies);
    }

    [Fact]
    public async Task A_peer_with_valid_keys_cannot_take_every_place()
    {
        await using var pair = await PeerPair.StartAsync(Echo(), options: _few);
        var outcomes = new List<PeerOutcome>();
        for (var count = 0; count < _few.MaxConnections; count++)
        {
            var client = pair.Client();
            _open.Add(client);
            outcomes.Add((await client.ReadCardAsync(TimeSpan.FromSeconds(10), CancellationToken.None)).Outcome);
        }

        // Its own share, then the share of its address.
        Assert.Equal(_few.MaxConnectionsPerPeer + _few.MaxStrangersPerAddress, outcomes.Count(outcome => outcome == PeerOutcome.Answered));
    }

    public void Dispose() => _open.ForEach(one => one.Dispose());

    private static DelegateResponder Echo() => DelegateResponder.OfText((request, _) => Task.FromResult(System.Text.Encoding.UTF8.GetString(request.Content.Bytes.Span)));

    private static async Task<bool> IsClosedAsync(Socket socket)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        try
        {
            return await socket.ReceiveAsync(new byte[1], limit.Token) == 0;
        }
        catch (SocketException)
        {
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task<Socket> ConnectAsync(PeerPair pair, string from, byte[] first)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        _open.Add(socket);
        socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        await socket.ConnectAsync(IPAddress.Loopback, pair.Address.Port);
        if (first.Length > 0)
        {
            await socket.SendAsync(first);
        }

        return socket;
    }
}
