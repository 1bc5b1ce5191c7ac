using System.Security.Cryptography;
using Google.Protobuf;
using Parley.Client.Messaging;
using Parley.Hub.Identity;
using Parley.Protocol.Errors;
using Parley.Protocol.Wire;
using Parley.Testing;
using Parley.Testing.Faults;

namespace Parley.HubTests.Messaging;

public abstract partial class MessagingSpec
{
    [Theory]
    [InlineData(1024 * 1024)]
    [InlineData(16 * 1024 * 1024)]
    public async Task Large_content_arrives_byte_by_byte_and_comes_back(int size)
    {
        var (sender, agent) = await ArrangeAsync();
        var content = RandomNumberGenerator.GetBytes(size);
        byte[] arrived = [];
        await ListenAsync(agent, DelegateResponder.OfText((request, _) =>
        {
            arrived = request.Content.Bytes.ToArray();
            return Task.FromResult("ok");
        }));
        var request = new SendRequest(new Message { Content = ByteString.CopyFrom(content), Sha256 = ByteString.CopyFrom(SHA256.HashData(content)) }, MessageType.Auto);

        var result = await sender.SendAsync("bob", request, Stop);

        Assert.Equal("ok", TestSender.TextOf(result));
        Assert.True(content.AsSpan().SequenceEqual(arrived));
    }

    [Fact]
    public async Task Small_messages_pass_large_ones_that_are_under_way()
    {
        await using var proxy = new NarrowProxy(Kind == LinkKind.Grpc ? Near.Hub.Grpc : Near.Hub.Http);
        Near.Reroute = address => address.Port == proxy.Target.Port ? proxy.Address : address;
        var (sender, agent) = await ArrangeAsync();
        await ListenAsync(agent, Echo);
        await sender.AskAsync("bob", "warm", Stop);
        proxy.IsNarrow = true;
        var order = new List<string>();
        var large = new SendRequest(new Message { Content = ByteString.CopyFrom(new byte[16 * 1024 * 1024]) }, MessageType.Auto);

        var slow = NoteAsync(sender.SendAsync("bob", large with { Waits = false }, Stop), "large");
        await NoteAsync(sender.AskAsync("bob", "small", Stop), "small");
        proxy.IsNarrow = false;
        await slow;

        Assert.Equal(["small", "large"], order);

        async Task NoteAsync(Task<SendResult> sending, string name)
        {
            await sending;
            lock (order)
            {
                order.Add(name);
            }
        }
    }

    [Fact]
    public async Task More_large_messages_than_a_link_takes_at_once_wait_for_their_turn()
    {
        var (sender, agent) = await ArrangeAsync();
        await ListenAsync(agent, DelegateResponder.OfText((request, _) => Task.FromResult($"{request.Content.Length}")));
        var large = new SendRequest(new Message { Content = ByteString.CopyFrom(new byte[12 * 1024 * 1024]) }, MessageType.Auto);

        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => sender.SendAsync("bob", large, Stop)));

        Assert.All(results, result => Assert.Equal($"{12 * 1024 * 1024}", TestSender.TextOf(result)));
    }

    [Fact]
    public async Task A_message_beyond_the_limit_is_refused()
    {
        var (sender, _) = await ArrangeAsync();
        var large = new SendRequest(new Message { Content = ByteString.CopyFrom(new byte[17 * 1024 * 1024]) }, MessageType.Auto);

        var result = await sender.SendAsync("bob", large, Stop);

        Assert.Equal(ErrorCode.MessageTooLarge, result.Error!.Code);
    }

    [Fact]
    public async Task A_full_mailbox_refuses_the_next_message()
    {
        await ReopenAsync(options => options.Messaging.MailboxMaxCount = 2);
        var (sender, _) = await ArrangeAsync();
        var text = TestSender.Text("x") with { Waits = false };

        await sender.SendAsync("bob", text, Stop);
        await sender.SendAsync("bob", text, Stop);
        var third = await sender.SendAsync("bob", text, Stop);

        Assert.Equal(ErrorCode.MailboxFull, third.Error!.Code);
    }

    [Fact]
    public async Task Two_agents_may_not_exchange_more_than_the_pair_rate()
    {
        await ReopenOnAStandingClockAsync(options =>
        {
            options.Messaging.PairBurst = 3;
            options.Messaging.PairRatePerSecond = 1;
        });
        var (sender, agent) = await ArrangeAsync();
        await ListenAsync(agent, Echo);

        var results = new List<SendResult>();
        for (var number = 0; number < 4; number++)
        {
            results.Add(await sender.AskAsync("bob", "x", Stop));
        }

        Assert.All(results.Take(3), result => Assert.Equal(SendStatus.Answered, result.Status));
        Assert.Equal(ErrorCode.MessagePairRate, results[3].Error!.Code);
    }

    [Fact]
    public async Task An_agent_may_not_write_to_more_others_than_the_fan_out_limit()
    {
        await ReopenAsync(options => options.Messaging.FanOutLimit = 2);
        var (sender, _) = await ArrangeAsync();
        await _hubs.EnrolAsync("carol");
        await _hubs.EnrolAsync("dave");
        var text = TestSender.Text("x") with { Waits = false };

        await sender.SendAsync("bob", text, Stop);
        await sender.SendAsync("carol", text, Stop);
        var third = await sender.SendAsync("dave", text, Stop);
        var again = await sender.SendAsync("bob", text, Stop);

        Assert.Equal(ErrorCode.MessageFanOut, third.Error!.Code);
        Assert.Equal(SendStatus.Held, again.Status);
    }

    [Fact]
    public async Task A_chain_of_agents_that_ask_each_other_ends_at_the_hop_limit()
    {
        await ReopenAsync(options => options.Messaging.HopLimit = 4);
        var (alice, bob) = await ArrangeAsync();
        var carol = await _hubs.EnrolAsync("carol");
        var bobSends = await Far.ConnectSenderAsync(bob, Kind, Stop);
        var carolSends = await Far.ConnectSenderAsync(carol, Kind, Stop);
        await ListenAsync(bob, DelegateResponder.OfText(async (request, token) => await PassOnAsync(bobSends, "carol", DelegateResponder.TextOf(request), token)));
        await ListenAsync(carol, DelegateResponder.OfText(async (request, token) => await PassOnAsync(carolSends, "bob", DelegateResponder.TextOf(request), token)));

        var result = await alice.AskAsync("bob", "0", Stop);

        Assert.Equal("3 MessageHops", TestSender.TextOf(result));

        static async Task<string> PassOnAsync(TestSender sender, string target, string text, CancellationToken cancellationToken)
        {
            var next = await sender.AskAsync(target, $"{int.Parse(text) + 1}", cancellationToken);
            return next.Reply is null ? $"{text} {next.Error!.Code}" : TestSender.TextOf(next);
        }
    }

    [Fact]
    public async Task A_message_of_another_owner_is_held_until_it_is_accepted()
    {
        var (_, bob) = await ArrangeAsync();
        await ListenAsync(bob, Echo);
        var stranger = await _hubs.EnrolAsync("eve", "other");
        var sender = await Near.ConnectSenderAsync(stranger, Kind, Stop);

        var held = await sender.SendAsync("acme.bob", TestSender.Text("hi") with { Waits = false }, Stop);
        var waiting = sender.Sender.WaitForAsync(held.Id, Deadline.Shared, null, Stop);
        await Near.Get<Contacts>().DecideAsync("acme", "other.eve", ContactState.Accepted, Stop);
        var result = await waiting;

        Assert.Equal(SendStatus.Held, held.Status);
        Assert.Equal("contact.pending", held.Receipts[^1].Code);
        Assert.Equal("echo hi", TestSender.TextOf(result));
    }

    private Task ReopenAsync(Action<Parley.Hub.HubOptions> configure) => ReopenAsync(configure, null);

    /// <summary>A hub for which no time passes: what it does, it does at once, and no rate is given back.</summary>
    private Task ReopenOnAStandingClockAsync(Action<Parley.Hub.HubOptions> configure) =>
        ReopenAsync(configure, new FakeTimeProvider(TimeProvider.System.GetUtcNow()));

    private async Task ReopenAsync(Action<Parley.Hub.HubOptions> configure, TimeProvider? time)
    {
        await _hubs.DisposeAsync();
        _hubs = await OpenAsync(configure, time);
    }
}
