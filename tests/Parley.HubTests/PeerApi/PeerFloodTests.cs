using System.Net;
using Parley.Client.PeerApi.Asking;
using Parley.Client.PeerApi.Serving;
using Parley.Testing;
using Parley.Testing.Faults;

namespace Parley.HubTests.PeerApi;

/// <summary>Connections that are opened to take the places of others.</summary>
public sealed class PeerFloodTests : IDisposable
{
    private static readonly PeerServerOptions _few = new() { MaxConnections = 12, MaxStrangersPerAddress = 4, MaxConnectionsPerPeer = 6 };
    private static readonly IPAddress _stranger = IPAddress.Parse("127.0.0.2");
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
            var connection = await ConnectAsync(pair);
            if (isDripping)
            {
                await connection.SendAsync(new byte[] { 0x16, 0x03, 0x01, 0x40, 0x00 }, CancellationToken.None);
                _ = connection.DripAsync(0, CancellationToken.None);
            }
        }

        var reply = await pair.AskAsync("x", timeout: Deadline.Shared);

        Assert.Equal(new PeerReply(PeerOutcome.Answered, "x"), reply);
    }

    [Fact]
    public async Task What_is_beyond_the_share_of_an_address_is_closed_at_once()
    {
        await using var pair = await PeerPair.StartAsync(Echo(), options: _few);
        for (var count = 0; count < _few.MaxStrangersPerAddress; count++)
        {
            await ConnectAsync(pair);
        }

        await Deadline.UntilAsync(async () => await IsClosedAsync(await ConnectAsync(pair)), "a connection that is closed");

        Assert.Contains(pair.Log.Lines, line => line.Text.Contains("its address has its share", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_connection_that_ended_gives_its_place_back()
    {
        await using var pair = await PeerPair.StartAsync(Echo(), options: _few with { MaxStrangersPerAddress = 1 });

        for (var count = 0; count < 5; count++)
        {
            await Deadline.UntilAsync(async () => (await pair.AskAsync("x", timeout: Deadline.Shared)).Outcome == PeerOutcome.Answered, "an answer");
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
            replies.Add((await client.ReadCardAsync(Deadline.Shared, CancellationToken.None)).Outcome);
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
            outcomes.Add((await client.ReadCardAsync(Deadline.Shared, CancellationToken.None)).Outcome);
        }

        // Its own share, then the share of its address.
        Assert.Equal(_few.MaxConnectionsPerPeer + _few.MaxStrangersPerAddress, outcomes.Count(outcome => outcome == PeerOutcome.Answered));
    }

    public void Dispose() => _open.ForEach(one => one.Dispose());

    private static DelegateResponder Echo() => DelegateResponder.OfText((request, _) => Task.FromResult(System.Text.Encoding.UTF8.GetString(request.Content.Bytes.Span)));

    private static async Task<bool> IsClosedAsync(RawConnection connection)
    {
        try
        {
            return (await connection.ReadToEndAsync(TimeSpan.FromMilliseconds(200), CancellationToken.None)).Length == 0;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private async Task<RawConnection> ConnectAsync(PeerPair pair)
    {
        var connection = await RawConnection.OpenAsync(pair.Address, CancellationToken.None, _stranger);
        _open.Add(connection);
        return connection;
    }
}
