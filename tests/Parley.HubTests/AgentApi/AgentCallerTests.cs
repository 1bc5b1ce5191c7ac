using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using Parley.Client.Responders;
using Parley.Hub.AgentApi.Calls;
using Parley.Hub.Identity;
using Parley.Protocol.Identity;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;
using Parley.Testing;
using Parley.Testing.Faults;

namespace Parley.HubTests.AgentApi;

public sealed class AgentCallerTests : IAsyncLifetime
{
    private HubFixture _hub = null!;
    private EnrolledAgent _agent = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private AgentCaller Caller => _hub.Hub.Services.GetRequiredService<AgentCaller>();

    public async ValueTask InitializeAsync()
    {
        _hub = await HubFixture.StartAsync();
        _agent = await _hub.EnrolAsync("bob");
    }

    public async ValueTask DisposeAsync() => await _hub.DisposeAsync();

    [Fact]
    public async Task An_answer_streams_and_then_is_there_whole()
    {
        await ListenAsync((_, _) => CountAsync());

        using var call = Caller.Start(Request("m1", "count"));
        var events = await EventsAsync(call);

        Assert.Equal("onetwo€", string.Concat(events.OfType<AgentCallEvent.Delta>().Select(delta => delta.Text)));
        Assert.Equal("onetwo€", Assert.IsType<AgentCallEvent.Replied>(events[^1]).Reply.Content.ToStringUtf8());
        Assert.Contains(events, one => one is AgentCallEvent.Delivered);
    }

    [Fact]
    public async Task A_call_to_an_agent_that_is_offline_is_held_until_it_listens()
    {
        using var call = Caller.Start(Request("m1", "later"));
        var first = await call.Events.ReadAsync(Stop);
        await ListenAsync(Echo);
        var rest = await EventsAsync(call);

        Assert.False(Assert.IsType<AgentCallEvent.Held>(first).AwaitsContact);
        Assert.Equal("echo later", Assert.IsType<AgentCallEvent.Replied>(rest[^1]).Reply.Content.ToStringUtf8());
    }

    [Fact]
    public void A_reply_that_comes_after_its_call_was_abandoned_is_acknowledged_by_whoever_brings_it()
    {
        using var call = Caller.Start(Request("m1", "late"));

        call.Abandon();

        Assert.False(call.Take(new Reply(), 7));
    }

    [Fact]
    public async Task A_call_that_may_not_wait_ends_when_the_agent_is_offline()
    {
        using var call = Caller.Start(Request("m1", "now") with { OnlineOnly = true });

        var ended = Assert.IsType<AgentCallEvent.Ended>(Assert.Single(await EventsAsync(call)));

        Assert.Equal("agent.offline", ended.Code);
    }

    [Fact]
    public async Task A_reply_that_was_not_acknowledged_is_there_for_whoever_resumes()
    {
        var first = Caller.Start(Request("m1", "hello"));
        await ListenAsync(Echo);
        Assert.IsType<AgentCallEvent.Replied>((await EventsAsync(first))[^1]);
        first.Dispose();
        await _hub.StopAsync();
        await _hub.StartAgainAsync();

        // The listener comes back by itself, with the answer in its journal.
        var resumed = Assert.Single(Caller.Resume(Sender, [("m1", _agent.Address.ToString())]));
        var events = await EventsAsync(resumed);
        resumed.Acknowledge();

        Assert.Equal("echo hello", Assert.IsType<AgentCallEvent.Replied>(events[^1]).Reply.Content.ToStringUtf8());
    }

    [Fact]
    public async Task An_answer_that_is_no_frame_any_more_ends_nobody_elses_call()
    {
        await using var agent = await RawLink.AttachAsync(_hub, _agent, SessionRole.Listen, LinkKind.Grpc, Stop);
        using var first = Caller.Start(Request("m1", "hello"));
        var asked = (await agent.ReadAsync(Frame.BodyOneofCase.Delivery, Stop)).Delivery.Envelope;
        var large = new Frame { Send = new Envelope { Id = "r1", To = asked.From, Kind = EnvelopeKind.Reply, Correlation = "m1" } };
        large.Send.Cause = new string('c', MessagingLimits.MaxFrameBytes - large.CalculateSize() - 10);
        agent.Outbox.Send(large);

        using var second = Caller.Start(Request("m2", "hello"));
        await agent.ReadAsync(Frame.BodyOneofCase.Delivery, Stop);
        agent.Outbox.Send(new Frame { Send = new Envelope { Id = "r2", To = asked.From, Kind = EnvelopeKind.Reply, Correlation = "m2", Body = new Reply { State = ReplyState.Completed }.ToByteString() } });
        var events = await EventsAsync(second).WaitAsync(Deadline.Shared, Stop);

        Assert.Equal(ReplyState.Completed, Assert.IsType<AgentCallEvent.Replied>(events[^1]).Reply.State);
    }

    [Fact]
    public async Task A_call_is_answered_however_many_others_of_its_owner_came_to_an_end_meanwhile()
    {
        await using var hub = await HubFixture.StartAsync(options => options.Messaging.RememberedSends = 2);
        var bob = await hub.EnrolAsync("bob");
        var caller = hub.Hub.Services.GetRequiredService<AgentCaller>();
        var mayAnswer = new TaskCompletionSource();
        await hub.ConnectListenerAsync(
            bob,
            async (request, token) =>
            {
                await (DelegateResponder.TextOf(request) == "long" ? mayAnswer.Task.WaitAsync(token) : Task.CompletedTask);
                return "done";
            },
            cancellationToken: Stop);

        using var asked = caller.Start(Request("m0", "long"));
        Assert.IsType<AgentCallEvent.Delivered>(await asked.Events.ReadAsync(Stop));
        for (var number = 1; number <= 4; number++)
        {
            using var other = caller.Start(Request($"m{number}", "short"));
            await EventsAsync(other);
            other.Acknowledge();
        }

        mayAnswer.SetResult();
        var events = await EventsAsync(asked).WaitAsync(Deadline.Shared, Stop);

        Assert.Equal("done", Assert.IsType<AgentCallEvent.Replied>(events[^1]).Reply.Content.ToStringUtf8());
    }

    [Fact]
    public async Task The_agent_is_told_that_an_api_of_its_owner_asks()
    {
        var seen = new TaskCompletionSource<string>();
        await ListenAsync((request, _) =>
        {
            seen.TrySetResult(request.From);
            return Task.FromResult("ok");
        });

        using var call = Caller.Start(Request("m1", "who"));

        Assert.Equal("acme.api", await seen.Task.WaitAsync(Deadline.Shared, Stop));
    }

    private AgentAddress Sender => CallerAddresses.Of(new Principal(Role.Member, _agent.Address.Owner, null, ApiScopes.Default, "k"), _agent.Address);

    private AgentCallRequest Request(string id, string text) => new(Sender, _agent.Address, id, new Message { Content = ByteString.CopyFromUtf8(text) });

    private static Task<string> Echo(ResponderRequest request, CancellationToken cancellationToken) => Task.FromResult("echo " + DelegateResponder.TextOf(request));

    private static async IAsyncEnumerable<ResponderEvent> CountAsync()
    {
        yield return new ResponderEvent.Text("one", IsDelta: true);
        await Task.Yield();
        yield return new ResponderEvent.Text("two", IsDelta: true);
        yield return new ResponderEvent.Text("€", IsDelta: true);
    }

    private static async Task<IReadOnlyList<AgentCallEvent>> EventsAsync(AgentCall call)
    {
        var events = new List<AgentCallEvent>();
        await foreach (var one in call.Events.ReadAllAsync(Stop))
        {
            events.Add(one);
        }

        return events;
    }

    private Task<TestListener> ListenAsync(Func<ResponderRequest, CancellationToken, Task<string>> answer) =>
        _hub.ConnectListenerAsync(_agent, DelegateResponder.OfText(answer), new ListenSetup(), Stop);

    private Task<TestListener> ListenAsync(Func<ResponderRequest, CancellationToken, IAsyncEnumerable<ResponderEvent>> answer) =>
        _hub.ConnectListenerAsync(_agent, new DelegateResponder(answer), new ListenSetup(), Stop);
}
