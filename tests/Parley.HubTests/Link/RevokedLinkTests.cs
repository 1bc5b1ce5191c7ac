using Parley.Client.Messaging;
using Parley.Hub.Identity;
using Parley.Hub.Sessions;
using Parley.Hub.Transports.Link;
using Parley.Protocol.Errors;
using Parley.Protocol.Link;
using Parley.Protocol.Wire;
using Parley.Testing;

namespace Parley.HubTests.Link;

public sealed class RevokedLinkTests : IAsyncLifetime
{
    private readonly PipeLink _link = new();
    private HubFixture _hub = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _hub = await HubFixture.StartAsync();

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Fact]
    public Task A_link_whose_agent_was_removed_after_its_proof_is_refused() =>
        IsRefusedAfterAsync((agents, agent) => agents.RemoveAsync(agent.Address), ErrorCode.AgentRevoked);

    [Fact]
    public Task A_link_whose_key_was_reset_after_its_proof_is_refused() =>
        IsRefusedAfterAsync((agents, agent) => agents.ResetKeyAsync(agent.Address), ErrorCode.AgentRevoked);

    [Fact]
    public Task A_link_whose_agent_was_renamed_after_its_proof_comes_again() =>
        IsRefusedAfterAsync((agents, agent) => agents.RenameAsync(agent.Address, "robert"), ErrorCode.Draining);

    [Fact]
    public async Task A_link_whose_agents_labels_changed_after_its_proof_is_good()
    {
        var agent = await _hub.EnrolAsync("bob");
        var (sessions, outbox) = (_hub.Get<SessionService>(), new FrameOutbox(_link, Stop));
        var claim = await ProveAsync(agent, outbox);
        await _hub.Get<AgentRegistry>().SetLabelsAsync(agent.Address, new Dictionary<string, string> { ["n"] = "1" }, null, mayOverrule: false, Stop);
        var session = await sessions.OpenAsync(claim, _link, outbox, Stop);

        await sessions.AttachAsync(session, claim, Stop);

        Assert.True(session.IsOpen);
        await sessions.DetachAsync(session);
    }

    [Fact]
    public async Task What_a_link_says_after_its_agent_was_removed_is_not_heard()
    {
        var agent = await _hub.EnrolAsync("bob");
        var running = _hub.Get<LinkPump>().RunAsync(_link, Stop);
        await _link.ProveAsync(agent, SessionRole.Caller, Stop);
        Assert.NotNull((await _link.ReadAsync(Stop)).Welcome);

        await _hub.Get<AgentRegistry>().RemoveAsync(agent.Address, Stop);
        await _link.SendAsync(new Frame { Call = new Call { Number = 1, Method = "whoami" } }, new Frame { Ping = new Ping { Number = 2 } });
        _link.End();
        await running;

        Assert.Equal(["agent.revoked"], _link.ReadAll().Select(frame => frame.Goodbye?.Code ?? frame.BodyCase.ToString()));
        Assert.Equal(0, _hub.Get<SessionDirectory>().Count);
    }

    [Fact]
    public async Task Who_waits_for_an_answer_hears_that_the_link_ended_for_good()
    {
        _hub.Log.Allow("The hub refused the reply");
        var (alice, bob) = (await _hub.EnrolAsync("alice"), await _hub.EnrolAsync("bob"));
        await _hub.ConnectListenerAsync(
            bob,
            async (_, token) =>
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
                return string.Empty;
            },
            cancellationToken: Stop);
        var sender = await _hub.ConnectSenderAsync(alice, cancellationToken: Stop);
        var accepted = new Accepted();
        var asking = sender.Sender.SendAsync("bob", TestSender.Text("x") with { Timeout = TimeSpan.FromDays(1) }, accepted, Stop);
        await accepted.Task.WaitAsync(Deadline.Shared, Stop);

        await _hub.Get<AgentRegistry>().RemoveAsync(alice.Address, Stop);
        var result = await asking.WaitAsync(Deadline.Shared, Stop);

        Assert.Equal(ErrorCode.AgentRevoked, result.Error?.Code);
    }

    [Fact]
    public async Task A_link_whose_user_fails_says_that_it_is_over()
    {
        var sender = await _hub.ConnectSenderAsync(await _hub.EnrolAsync("alice"), cancellationToken: Stop);
        sender.Sender.OnLinkChange = _ => throw new UnauthorizedAccessException("nobody may write here");

        _hub.Get<SessionDirectory>().All.Single().Transport.Abort();
        var ended = await Assert.ThrowsAsync<ParleyException>(() => sender.Link.Completion.WaitAsync(Deadline.Shared, Stop));

        Assert.Equal(ErrorCode.Internal, ended.Code);
        Assert.IsType<UnauthorizedAccessException>(ended.InnerException);
        Assert.Equal(ErrorCode.Internal, (await Assert.ThrowsAsync<ParleyException>(() => sender.Link.CallAsync("whoami", default, Stop))).Code);
    }

    private async Task IsRefusedAfterAsync(Func<AgentRegistry, EnrolledAgent, Task> change, ErrorCode expected)
    {
        var agent = await _hub.EnrolAsync("bob");
        var (sessions, outbox) = (_hub.Get<SessionService>(), new FrameOutbox(_link, Stop));
        var claim = await ProveAsync(agent, outbox);
        await change(_hub.Get<AgentRegistry>(), agent);
        var session = await sessions.OpenAsync(claim, _link, outbox, Stop);

        var refusal = await Record.ExceptionAsync(() => sessions.AttachAsync(session, claim, Stop));
        var isOpen = session.IsOpen;
        await sessions.DetachAsync(session);

        Assert.Equal((expected, false), (Assert.IsType<ParleyException>(refusal).Code, isOpen));
        Assert.Empty(_link.ReadAll());
        Assert.Equal(0, _hub.Get<SessionDirectory>().Count);
    }

    private async Task<SessionClaim> ProveAsync(EnrolledAgent agent, FrameOutbox outbox)
    {
        var shaking = _hub.Get<LinkHandshake>().RunAsync(_link, outbox, Stop);
        await _link.ProveAsync(agent, SessionRole.Listen, Stop);
        return await shaking;
    }

    /// <summary>Completes when the message is accepted: only its answer is waited for from then on.</summary>
    private sealed class Accepted : ISendObserver
    {
        private readonly TaskCompletionSource _accepted = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Task => _accepted.Task;

        public void OnReceipt(string target, Receipt receipt)
        {
            if (receipt.State == ReceiptState.Read)
            {
                _accepted.TrySetResult();
            }
        }

        public void OnPart(string target, Part part)
        {
        }
    }
}
