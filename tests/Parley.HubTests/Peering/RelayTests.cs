using System.Security.Cryptography;
using Google.Protobuf;
using Parley.Client.HubLink;
using Parley.Client.Peering;
using Parley.Hub.Identity;
using Parley.Hub.Signalling;
using Parley.Protocol.Errors;
using Parley.Protocol.Link;
using Parley.Protocol.Wire;
using Parley.Testing;
using Parley.Testing.Faults;

namespace Parley.HubTests.Peering;

/// <summary>Circuits through the hub: who gets in, what ends them.</summary>
public sealed class RelayTests
{
    private static readonly ByteString _session = ByteString.CopyFrom(Enumerable.Repeat((byte)7, 16).ToArray());

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(nameof(LinkKind.Grpc), nameof(LinkKind.Grpc))]
    [InlineData(nameof(LinkKind.Grpc), nameof(LinkKind.WebSocket))]
    [InlineData(nameof(LinkKind.WebSocket), nameof(LinkKind.WebSocket))]
    public async Task Bytes_go_both_ways_whatever_carries_the_ends(string nearKind, string farKind)
    {
        await using var hub = await HubFixture.StartAsync();
        var (alice, bob) = await EndsAsync(hub);
        Request(alice);

        await using var near = await EnterAsync(hub, alice, Stop, Enum.Parse<LinkKind>(nearKind));
        await using var far = await EnterAsync(hub, bob, Stop, Enum.Parse<LinkKind>(farKind));
        await ReadyAsync(near, Stop);
        await ReadyAsync(far, Stop);
        near.Outbox.Send(new Frame { CircuitBytes = ByteString.CopyFromUtf8("there") });
        far.Outbox.Send(new Frame { CircuitBytes = ByteString.CopyFromUtf8("and back") });

        Assert.Equal("there", (await far.ReadAsync(Frame.BodyOneofCase.CircuitBytes, Stop)).CircuitBytes.ToStringUtf8());
        Assert.Equal("and back", (await near.ReadAsync(Frame.BodyOneofCase.CircuitBytes, Stop)).CircuitBytes.ToStringUtf8());
    }

    [Fact]
    public async Task A_ticket_is_good_once_and_a_guessed_one_never()
    {
        await using var hub = await HubFixture.StartAsync();
        var (alice, _) = await EndsAsync(hub);
        Request(alice);
        var ticket = await TicketAsync(alice, Stop);
        await using var first = await EnterAsync(hub, ticket, Stop);
        await Deadline.UntilAsync(() => !IsGood(hub, ticket), "the ticket to be spent");

        await using var second = await EnterAsync(hub, ticket, Stop);
        await using var guessed = await EnterAsync(hub, RandomNumberGenerator.GetBytes(32), Stop);

        Assert.Equal("unauthenticated", (await second.ReadAsync(Frame.BodyOneofCase.Goodbye, Stop)).Goodbye.Code);
        Assert.Equal("unauthenticated", (await guessed.ReadAsync(Frame.BodyOneofCase.Goodbye, Stop)).Goodbye.Code);
    }

    [Fact]
    public async Task An_agent_has_no_more_circuits_than_the_limit()
    {
        await using var hub = await HubFixture.StartAsync(options => options.Signals.CircuitsPerAgent = 2);
        var (alice, _) = await EndsAsync(hub);

        Request(alice, 1);
        Request(alice, 2);
        Request(alice, 3);
        var refused = (await alice.ReadAsync(Frame.BodyOneofCase.SignalRefusal, Stop)).SignalRefusal;

        Assert.Equal((3u, "rate_limited"), (refused.Circuit, refused.Code));
    }

    [Fact]
    public async Task A_hub_that_makes_none_says_so()
    {
        await using var hub = await HubFixture.StartAsync(options => options.Signals.MaxCircuits = 0);
        var (alice, _) = await EndsAsync(hub);

        Request(alice);

        Assert.Equal("unavailable", (await alice.ReadAsync(Frame.BodyOneofCase.SignalRefusal, Stop)).SignalRefusal.Code);
    }

    [Fact]
    public async Task A_circuit_that_is_idle_is_cut()
    {
        var (time, idle) = (new FakeTimeProvider(TimeProvider.System.GetUtcNow()), TimeSpan.FromSeconds(10));
        await using var hub = await HubFixture.StartAsync(options => options.Signals.CircuitIdle = idle, time);
        var (near, far) = await OpenAsync(hub);

        time.Advance(idle + TimeSpan.FromSeconds(1));

        Assert.Null(await EndAsync(near));
        Assert.Null(await EndAsync(far));
        Assert.Equal(0, hub.Get<RelayCircuits>().Count);
    }

    [Fact]
    public async Task A_circuit_whose_second_end_does_not_come_is_given_up()
    {
        var (time, lifetime) = (new FakeTimeProvider(TimeProvider.System.GetUtcNow()), TimeSpan.FromSeconds(10));
        await using var hub = await HubFixture.StartAsync(options => options.Signals.TicketLifetime = lifetime, time);
        var (alice, _) = await EndsAsync(hub);
        Request(alice);
        var ticket = await TicketAsync(alice, Stop);
        await using var near = await EnterAsync(hub, ticket, Stop);
        await Deadline.UntilAsync(() => !IsGood(hub, ticket), "the first end to be in");

        time.Advance(lifetime + TimeSpan.FromSeconds(1));

        Assert.Null(await EndAsync(near));
        Assert.Equal(0, hub.Get<RelayCircuits>().Count);
    }

    [Fact]
    public async Task Revoking_an_agent_cuts_its_circuits()
    {
        await using var stage = await PeerStage.StartAsync();
        var (alices, bobs) = await stage.MeetAsync();
        var (near, _) = await PeerStage.ConnectAsync(alices, bobs, PathKind.Relayed);

        await stage.Hubs.Near.Get<AgentRegistry>().RemoveAsync(stage.Bob.Address, Stop);

        await Assert.ThrowsAnyAsync<IOException>(async () => Assert.NotEqual(0, await near.Stream.ReadAsync(new byte[1], Stop).AsTask().WaitAsync(Deadline.Shared, Stop)));
        Assert.Equal(0, stage.Hubs.Near.Get<RelayCircuits>().Count);
    }

    [Fact]
    public async Task Blocking_an_agent_cuts_circuits_with_it()
    {
        await using var stage = await PeerStage.StartAsync(bobsOwner: "other");
        var contacts = stage.Hubs.Near.Get<Contacts>();
        await contacts.DecideAsync("other", "acme.alice", ContactState.Accepted, Stop);
        var (alices, bobs) = await stage.MeetAsync();
        var (near, _) = await PeerStage.ConnectAsync(alices, bobs, PathKind.Relayed);

        await contacts.DecideAsync("other", "acme.alice", ContactState.Blocked, Stop);

        await Assert.ThrowsAnyAsync<IOException>(async () => Assert.NotEqual(0, await near.Stream.ReadAsync(new byte[1], Stop).AsTask().WaitAsync(Deadline.Shared, Stop)));
    }

    [Fact]
    public async Task Between_two_nodes_signals_go_and_circuits_are_refused_clearly()
    {
        await using var stage = await PeerStage.StartAsync(hasTwoNodes: true);
        var (alices, bobs) = await stage.MeetAsync();

        var (near, far) = await PeerStage.ConnectAsync(alices, bobs, PathKind.DirectTcp, PathKind.Relayed);
        var refused = await Assert.ThrowsAsync<ParleyException>(
            () => Task.WhenAll(alices.ConnectAsync([PathKind.Relayed], Stop), bobs.ConnectAsync([PathKind.Relayed], Stop)).WaitAsync(Deadline.Shared, Stop));

        Assert.Equal((PathKind.DirectTcp, PathKind.DirectTcp), (near.Kind, far.Kind));
        Assert.Equal(ErrorCode.PeerUnreachable, refused.Code);
    }

    [Fact]
    public async Task A_reader_that_stops_stops_the_writer_and_the_hub_holds_little()
    {
        await using var hub = await HubFixture.StartAsync();
        var (near, far) = await OpenAsync(hub);
        var chunk = new byte[64 * 1024];
        var written = 0L;

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        await using var stream = new Client.Peering.Paths.RelayStream(new DialedLink(near.Transport, default));
        try
        {
            await stream.WriteAsync(chunk, patience.Token);
            written += chunk.Length;
            patience.CancelAfter(TimeSpan.FromSeconds(3));
            while (written < 256L * 1024 * 1024)
            {
                await stream.WriteAsync(chunk, patience.Token);
                written += chunk.Length;
            }
        }
        catch (OperationCanceledException)
        {
            // The writer waits.
        }

        Assert.InRange(written, 1, 32L * 1024 * 1024);
        await far.DisposeAsync();
    }

    /// <summary>Enters with the next ticket that a client is given.</summary>
    internal static async Task<RawLink> EnterAsync(HubFixture hub, RawLink client, CancellationToken cancellationToken, LinkKind kind = LinkKind.Grpc) =>
        await EnterAsync(hub, await TicketAsync(client, cancellationToken), cancellationToken, kind);

    /// <summary>Enters with a ticket.</summary>
    internal static async Task<RawLink> EnterAsync(HubFixture hub, byte[] ticket, CancellationToken cancellationToken, LinkKind kind = LinkKind.Grpc)
    {
        var raw = await RawLink.DialRelayAsync(hub, kind, cancellationToken);
        raw.Outbox.Send(new Frame { CircuitEntry = new CircuitEntry { Ticket = ByteString.CopyFrom(ticket) } });
        return raw;
    }

    /// <summary>Waits until both ends are in.</summary>
    internal static Task ReadyAsync(RawLink end, CancellationToken cancellationToken) => end.ReadAsync(Frame.BodyOneofCase.CircuitReady, cancellationToken);

    private static async Task<(RawLink Alice, RawLink Bob)> EndsAsync(HubFixture hub) =>
        (await SignallingTests.AttachAsync(hub, await hub.EnrolAsync("alice"), "a"), await SignallingTests.AttachAsync(hub, await hub.EnrolAsync("bob"), "b"));

    private static async Task<(RawLink Near, RawLink Far)> OpenAsync(HubFixture hub)
    {
        var (alice, bob) = await EndsAsync(hub);
        Request(alice);
        var (near, far) = (await EnterAsync(hub, alice, Stop), await EnterAsync(hub, bob, Stop));
        await ReadyAsync(near, Stop);
        await ReadyAsync(far, Stop);
        return (near, far);
    }

    private static void Request(RawLink client, uint number = 1) =>
        client.Outbox.Send(new Frame { CircuitRequest = new CircuitRequest { Session = _session, Number = number, To = "acme.bob", ToEnd = ByteString.CopyFromUtf8("b") } });

    private static async Task<byte[]> TicketAsync(RawLink client, CancellationToken cancellationToken) =>
        (await client.ReadAsync(Frame.BodyOneofCase.CircuitTicket, cancellationToken)).CircuitTicket.Ticket.ToByteArray();

    private static async Task<Frame?> EndAsync(RawLink end)
    {
        try
        {
            return await end.ReadAsync(Stop).WaitAsync(Deadline.Shared, Stop);
        }
        catch (Exception exception) when (LinkBreaks.Is(exception) && !Stop.IsCancellationRequested)
        {
            return null;
        }
    }

    // Looks without spending: the hub's table is the hub's own.
    private static bool IsGood(HubFixture hub, byte[] ticket) => hub.Get<RelayCircuits>().Knows(ticket);
}
