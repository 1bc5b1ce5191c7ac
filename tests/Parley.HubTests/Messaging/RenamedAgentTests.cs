using Parley.Client.Config;
using Parley.Client.Messaging;
using Parley.Hub.Identity;
using Parley.Hub.Messaging;
using Parley.Protocol.Identity;
using Parley.Protocol.Wire;
using Parley.Sqlite;
using Parley.Testing;
using Parley.Testing.Faults;

namespace Parley.HubTests.Messaging;

/// <summary>An agent that an admin renames, whole: its links, what waits for it, what it waits for, and its home.</summary>
public sealed class RenamedAgentTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_listener_comes_back_and_answers_under_the_new_name()
    {
        await using var hub = await HubFixture.StartAsync();
        var (alice, bob) = (await hub.EnrolAsync("alice"), await hub.EnrolAsync("bob"));
        await hub.ConnectListenerAsync(bob, (request, _) => Task.FromResult("echo " + DelegateResponder.TextOf(request)), cancellationToken: Stop);
        var sender = await hub.ConnectSenderAsync(alice, cancellationToken: Stop);
        Assert.Equal("echo 1", TestSender.TextOf(await sender.AskAsync("bob", "1", Stop)));

        await hub.Get<AgentRegistry>().RenameAsync(bob.Address, "robert", Stop);
        var answer = await sender.AskAsync("robert", "2", Stop);
        var former = await sender.AskAsync("bob", "3", Stop);

        Assert.Equal("echo 2", TestSender.TextOf(answer));
        Assert.Equal("acme.robert", answer.Target);
        Assert.Equal(SendStatus.Refused, former.Status);
    }

    [Fact]
    public async Task A_listener_on_another_node_comes_back_and_answers_under_the_new_name()
    {
        await using var nodes = await HubPair.OfTwoAsync(_ => { });
        var (alice, bob) = (await nodes.EnrolAsync("alice"), await nodes.EnrolAsync("bob"));
        await nodes.Far.ConnectListenerAsync(bob, (request, _) => Task.FromResult("echo " + DelegateResponder.TextOf(request)), cancellationToken: Stop);
        var sender = await nodes.Near.ConnectSenderAsync(alice, cancellationToken: Stop);
        Assert.Equal("echo 1", TestSender.TextOf(await sender.AskAsync("bob", "1", Stop)));

        await nodes.Near.Get<AgentRegistry>().RenameAsync(bob.Address, "robert", Stop);
        var answer = await sender.AskAsync("robert", "2", Stop).WaitAsync(Deadline.Shared, Stop);

        Assert.Equal("echo 2", TestSender.TextOf(answer));
        Assert.Equal("acme.robert", answer.Target);
        Assert.Equal("acme.robert", nodes.Far.Get<AgentRegistry>().FindFormer(bob.Address)?.Address.ToString());
    }

    [Fact]
    public async Task What_waits_for_it_and_from_it_moves_and_the_home_learns_its_name_after_a_restart()
    {
        await using var hub = await HubFixture.StartAsync();
        var (alice, bob) = (await hub.EnrolAsync("alice"), await hub.EnrolAsync("bob"));
        await using (var sender = await hub.ConnectSenderAsync(alice, cancellationToken: Stop))
        {
            foreach (var text in new[] { "one", "two" })
            {
                await sender.SendAsync("bob", TestSender.Text(text) with { Waits = false, Thread = "t" }, Stop);
            }
        }

        await hub.Get<AgentRegistry>().RenameAsync(bob.Address, "robert", Stop);
        await hub.Get<AgentRegistry>().RenameAsync(alice.Address, "alicia", Stop);
        await hub.StopAsync();
        await hub.StartAgainAsync();
        var seen = new List<string>();
        var two = new TaskCompletionSource();
        var listener = await hub.ConnectListenerAsync(
            bob,
            (request, _) =>
            {
                lock (seen)
                {
                    seen.Add($"{request.From}: {DelegateResponder.TextOf(request)}");
                    if (seen.Count == 2)
                    {
                        two.SetResult();
                    }
                }

                return Task.FromResult(string.Empty);
            },
            cancellationToken: Stop);
        await two.Task.WaitAsync(Deadline.Shared, Stop);
        var welcome = await listener.Link.WaitConnectedAsync(Stop);
        var learnt = bob.Profile.Learn(bob.Home, welcome.Address);

        Assert.Equal(["acme.alicia: one", "acme.alicia: two"], seen);
        Assert.Equal("acme.robert", welcome.Address);
        Assert.Equal(learnt.Agent, HubProfile.Load(bob.Home).Agent);
        Assert.Equal("acme.robert", learnt.Agent.ToString());
    }

    [Fact]
    public async Task A_request_under_way_while_the_requester_is_renamed_is_answered_to_its_new_name()
    {
        await using var hub = await HubFixture.StartAsync();
        var (alice, bob) = (await hub.EnrolAsync("alice"), await hub.EnrolAsync("bob"));
        var (began, mayEnd) = (new TaskCompletionSource(), new TaskCompletionSource());
        var runs = 0;
        await hub.ConnectListenerAsync(
            bob,
            async (request, token) =>
            {
                Interlocked.Increment(ref runs);
                began.TrySetResult();
                await mayEnd.Task.WaitAsync(token);
                return "done";
            },
            cancellationToken: Stop);
        var sender = await hub.ConnectSenderAsync(alice, cancellationToken: Stop);

        var asking = sender.AskAsync("bob", "long", Stop);
        await began.Task.WaitAsync(Deadline.Shared, Stop);
        await hub.Get<AgentRegistry>().RenameAsync(alice.Address, "alicia", Stop);
        mayEnd.SetResult();

        Assert.Equal("done", TestSender.TextOf(await asking));
        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task What_is_on_its_way_into_the_store_while_its_receiver_is_renamed_comes_to_the_new_name()
    {
        await using var hub = await HubFixture.StartAsync();
        var (alice, bob) = (await hub.EnrolAsync("alice"), await hub.EnrolAsync("bob"));
        var sender = await hub.ConnectSenderAsync(alice, cancellationToken: Stop);
        using var mayGoOn = new ManualResetEventSlim();
        var holding = hub.Get<SqliteStore>().WriteAsync(_ => mayGoOn.Wait(Stop), Stop);

        var renaming = hub.Get<AgentRegistry>().RenameAsync(bob.Address, "robert", Stop);
        var sending = sender.SendAsync("bob", TestSender.Text("moved") with { Waits = false }, Stop);
        await Deadline.UntilAsync(() => hub.Get<Router>().MailboxOf("acme.bob").HeldCount == 1, "the message on its way into the store");
        mayGoOn.Set();
        await Task.WhenAll(holding, renaming, sending);
        await using var listening = await RawLink.AttachAsync(hub, bob, SessionRole.Listen, LinkKind.Grpc, Stop);
        var delivery = (await listening.ReadAsync(Frame.BodyOneofCase.Delivery, Stop).WaitAsync(Deadline.Shared, Stop)).Delivery;
        await hub.EnrolAsync("bob");

        Assert.Equal("acme.robert", delivery.Envelope.To);
        Assert.Equal(SendStatus.Held, (await sending).Status);
        Assert.Equal(0, (await hub.Get<MailboxStore>().ListAsync("acme.bob", 10, 0)).Total);
    }

    [Fact]
    public async Task A_name_that_was_given_up_and_is_taken_by_another_leads_to_that_one_alone()
    {
        await using var hub = await HubFixture.StartAsync();
        var bob = await hub.EnrolAsync("bob");
        await hub.Get<AgentRegistry>().RenameAsync(bob.Address, "robert", Stop);

        var next = await hub.EnrolAsync("bob");

        Assert.Null(hub.Get<AgentRegistry>().FindFormer(AgentAddress.Parse("acme.bob")));
        Assert.Equal(next.Address, hub.Get<AgentRegistry>().Find(AgentAddress.Parse("acme.bob"))!.Address);
        Assert.Equal("acme.bob", hub.Get<Router>().MailboxOf("acme.bob").Owner.ToString());
    }
}
