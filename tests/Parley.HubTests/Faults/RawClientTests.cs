using Google.Protobuf;
using Parley.Client.Messaging;
using Parley.Protocol.Errors;
using Parley.Protocol.Link;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;
using Parley.Testing;
using Parley.Testing.Faults;

namespace Parley.HubTests.Faults;

/// <summary>Clients that do on the link what Parley's own never does.</summary>
public sealed class RawClientTests
{
    private const uint TooLarge = MessagingLimits.MaxBodyBytes + 1;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_body_announced_beyond_the_limit_is_refused_and_the_link_goes_on()
    {
        await using var hub = await HubFixture.StartAsync();
        var alice = await hub.EnrolAsync("alice");
        await hub.EnrolAsync("bob");
        await using var raw = await RawLink.AttachAsync(hub, alice, SessionRole.Caller, LinkKind.Grpc, Stop);

        raw.Outbox.Send(new Frame { Send = Request("large", TooLarge) });
        raw.Outbox.Send(new Frame { Chunk = new BodyChunk { Id = "large", Data = ByteString.CopyFrom(new byte[MessagingLimits.ChunkBytes]) } });
        var refused = (await raw.ReadAsync(Frame.BodyOneofCase.Receipts, Stop)).Receipts.Items.Single();
        raw.Outbox.Send(new Frame { Send = Request("small", 0) });
        var taken = (await raw.ReadAsync(Frame.BodyOneofCase.Receipts, Stop)).Receipts.Items[0];

        Assert.Equal(("large", ReceiptState.Refused, "message.too_large"), (refused.Id, refused.State, refused.Code));
        Assert.Equal(("small", ReceiptState.Accepted), (taken.Id, taken.State));
    }

    [Theory]
    [InlineData("")]
    [InlineData("nobody")]
    [InlineData("acme.nobody")]
    [InlineData("../../etc/passwd")]
    [InlineData("acme.bob.more")]
    [InlineData("BOB")]
    [InlineData("bob\u0000")]
    [InlineData("\u202ebob")]
    [InlineData("' OR 1=1 --")]
    public async Task An_unknown_or_malformed_target_is_refused_and_the_link_goes_on(string target)
    {
        await using var hub = await HubFixture.StartAsync();
        var alice = await hub.EnrolAsync("alice");
        await hub.EnrolAsync("bob");
        await using var raw = await RawLink.AttachAsync(hub, alice, SessionRole.Caller, LinkKind.Grpc, Stop);

        raw.Outbox.Send(new Frame { Send = new Envelope(Request("one", 0)) { To = target } });
        var refused = (await raw.ReadAsync(Frame.BodyOneofCase.Receipts, Stop)).Receipts.Items.Single();
        raw.Outbox.Send(new Frame { Send = Request("two", 0) });
        var taken = (await raw.ReadAsync(Frame.BodyOneofCase.Receipts, Stop)).Receipts.Items[0];

        Assert.Equal(("one", ReceiptState.Refused, "agent.unknown"), (refused.Id, refused.State, refused.Code));
        Assert.Equal(("two", ReceiptState.Accepted), (taken.Id, taken.State));
    }

    [Theory]
    [InlineData(nameof(LinkKind.Grpc))]
    [InlineData(nameof(LinkKind.WebSocket))]
    public async Task A_listener_that_reads_nothing_costs_the_hub_no_more_than_its_window(string kind)
    {
        const int Count = 300;
        await using var hub = await HubFixture.StartAsync(options =>
        {
            options.Messaging.DeliveryWindowBytes = 1 << 20;
            options.Messaging.PairRatePerSecond = 0;
        });
        var bob = await hub.EnrolAsync("bob");
        await using var slow = await RawLink.AttachAsync(hub, bob, SessionRole.Listen, Enum.Parse<LinkKind>(kind), Stop);
        await hub.ConnectListenerAsync(await hub.EnrolAsync("carol"), (_, _) => Task.FromResult("quick"), cancellationToken: Stop);
        var sender = await hub.ConnectSenderAsync(await hub.EnrolAsync("alice"), cancellationToken: Stop);

        var sending = Enumerable.Range(0, Count).Select(number => sender.SendAsync("bob", Kept($"{number} {new string('.', 50_000)}"), Stop)).ToList();
        var beside = await sender.AskAsync("carol", "x", Stop);
        var session = hub.Get<Hub.Sessions.SessionDirectory>().All.Single(open => open.Address == "acme.bob");
        await Deadline.UntilAsync(() => sending.Count(send => send.IsCompleted) > Count / 2, "most messages in the store");
        var (open, waiting) = (session.Window.Bytes, session.Outbox.PendingBytes);
        var received = await TakeAllAsync(slow, Count);
        var results = await Task.WhenAll(sending);

        Assert.Equal("quick", TestSender.TextOf(beside));
        Assert.InRange(open, 1, 2 << 20);
        Assert.InRange(waiting, 0, 3 << 20);
        Assert.Equal(Count, received);
        Assert.All(results, result => Assert.True(result.Status is SendStatus.Held or SendStatus.Delivered, result.Status.ToString()));
    }

    [Theory]
    [InlineData(nameof(LinkKind.Grpc))]
    [InlineData(nameof(LinkKind.WebSocket))]
    public async Task A_link_goes_on_after_frames_that_were_one_step_of_its_writer(string kind)
    {
        const int Count = 21;
        await using var hub = await HubFixture.StartAsync();
        await using var raw = await RawLink.AttachAsync(hub, await hub.EnrolAsync("bob"), SessionRole.Listen, Enum.Parse<LinkKind>(kind), Stop);
        var outbox = hub.Get<Hub.Sessions.SessionDirectory>().All.Single().Outbox;
        for (var number = 0; number < Count; number++)
        {
            outbox.Append(new Frame { Delivery = new Delivery { Envelope = new Envelope { Body = ByteString.CopyFrom(new byte[FrameOutbox.StepBytes / 20 - 100]) } } });
        }

        outbox.Flush();
        for (var number = 0; number < Count; number++)
        {
            await raw.ReadAsync(Frame.BodyOneofCase.Delivery, Stop);
        }

        raw.Outbox.Send(new Frame { Ping = new Ping { Number = 7 } });
        Assert.Equal(7ul, (await raw.ReadAsync(Frame.BodyOneofCase.Pong, Stop)).Pong.Number);
    }

    [Theory]
    [InlineData(nameof(LinkKind.Grpc))]
    [InlineData(nameof(LinkKind.WebSocket))]
    public async Task What_waits_follows_an_acknowledgement_of_all_at_once(string kind)
    {
        const int Count = 200;
        await using var hub = await HubFixture.StartAsync(options =>
        {
            options.Messaging.DeliveryWindowBytes = 256 << 10;
            options.Messaging.PairRatePerSecond = 0;
        });
        var bob = await hub.EnrolAsync("bob");
        var sender = await hub.ConnectSenderAsync(await hub.EnrolAsync("alice"), cancellationToken: Stop);
        await Task.WhenAll(Enumerable.Range(0, Count).Select(_ => sender.SendAsync("bob", Kept(new string('.', 50_000)), Stop)));

        await using var raw = await RawLink.AttachAsync(hub, bob, SessionRole.Listen, Enum.Parse<LinkKind>(kind), Stop);
        var session = hub.Get<Hub.Sessions.SessionDirectory>().All.Single(open => open.Address == "acme.bob");
        var (received, unacknowledged) = (0, new List<ulong>());
        while (received < Count)
        {
            unacknowledged.Add((await raw.ReadAsync(Frame.BodyOneofCase.Delivery, Stop)).Delivery.Number);
            received++;
            if (unacknowledged.Count == session.Window.Count)
            {
                raw.Outbox.Send(new Frame { Ack = new Ack { Numbers = { unacknowledged } } });
                unacknowledged.Clear();
            }
        }

        Assert.Equal(Count, received);
    }

    [Theory]
    [InlineData(nameof(LinkKind.Grpc))]
    [InlineData(nameof(LinkKind.WebSocket))]
    public async Task A_client_that_is_refused_reads_the_reason_and_then_the_end(string kind)
    {
        await using var hub = await HubFixture.StartAsync();
        var alice = await hub.EnrolAsync("alice");
        await using var raw = await RawLink.DialAsync(hub, alice, Enum.Parse<LinkKind>(kind), Stop);

        raw.Outbox.Send(new Frame { Ping = new Ping() });
        var goodbye = (await raw.ReadAsync(Frame.BodyOneofCase.Goodbye, Stop)).Goodbye;

        Assert.Equal((ErrorMap.Of(ErrorCode.ProtocolViolation).WireName, false), (goodbye.Code, goodbye.MayReturn));
        Assert.Null(await raw.ReadAsync(Stop));
    }

    [Fact]
    public async Task A_handshake_that_takes_too_long_ends_with_a_reason_after_which_the_client_may_come_back()
    {
        await using var hub = await HubFixture.StartAsync(options => options.Doors.HandshakeTimeout = TimeSpan.FromMilliseconds(200));
        var alice = await hub.EnrolAsync("alice");
        await using var raw = await RawLink.DialAsync(hub, alice, LinkKind.Grpc, Stop);

        var goodbye = (await raw.ReadAsync(Frame.BodyOneofCase.Goodbye, Stop)).Goodbye;

        Assert.Equal((ErrorMap.Of(ErrorCode.LinkTimeout).WireName, true), (goodbye.Code, goodbye.MayReturn));
        Assert.Null(await raw.ReadAsync(Stop));
    }

    private static Envelope Request(string id, uint announced) => new()
    {
        Id = id,
        To = "bob",
        Kind = EnvelopeKind.Request,
        BodySize = announced,
        Body = announced > 0 ? ByteString.Empty : new Message { Content = ByteString.CopyFromUtf8("x") }.ToByteString(),
    };

    private static SendRequest Kept(string text) => TestSender.Text(text) with { Waits = false };

    /// <summary>Reads and acknowledges until so many different messages came.</summary>
    private static async Task<int> TakeAllAsync(RawLink link, int count)
    {
        var ids = new HashSet<string>();
        while (ids.Count < count)
        {
            var delivery = (await link.ReadAsync(Frame.BodyOneofCase.Delivery, Stop)).Delivery;
            ids.Add(delivery.Envelope.Id);
            link.Outbox.Send(new Frame { Ack = new Ack { Numbers = { delivery.Number } } });
        }

        return ids.Count;
    }
}
