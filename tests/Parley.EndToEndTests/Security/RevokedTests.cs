using Parley.Client.Messaging;
using Parley.EndToEndTests.A2a;
using Parley.EndToEndTests.Cli;
using Parley.Protocol.Errors;
using Parley.Protocol.Wire;
using Parley.Testing;

namespace Parley.EndToEndTests.Security;

/// <summary>Credentials that are taken back while an answer streams: real processes, and nothing more from then on.</summary>
public sealed class RevokedTests
{
    private const string Chatter = "while :; do echo more; sleep 0.02; done";

    [Theory]
    [InlineData("agents", "remove", "local.b")]
    [InlineData("agents", "reset-key", "local.b")]
    public async Task An_agent_that_is_removed_is_cut_off_in_the_middle_of_its_answer(params string[] revoke)
    {
        await using var hub = await HubProcess.StartAsync();
        await using var agents = await RealAgents.OfAsync(hub);
        await agents.EnrolAsync("a");
        await agents.EnrolAsync("b");
        var listener = await agents.ListenAsync("b", "--exec", "/bin/sh");
        var sender = await agents.SenderAsync("a");
        var watch = new PartWatch();
        using var giveUp = new CancellationTokenSource();
        var sending = sender.SendAsync("b", TestSender.Text(Chatter) with { Type = MessageType.Command }, watch, giveUp.Token);
        await Deadline.UntilAsync(() => watch.Count > 5, "some output");

        var revoked = await hub.AdminAsync(revoke);
        var exitCode = await listener.WaitForExitAsync();

        // Its answer comes on the same link, after everything that was on its way.
        var unknown = await sender.SendAsync("nobody", TestSender.Text("who"), null, TestContext.Current.CancellationToken);
        var atOnce = watch.Count;
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
        var afterASecond = watch.Count;
        await giveUp.CancelAsync();
        await sending;

        Assert.Equal((0, 3), (revoked.ExitCode, exitCode));
        Assert.Equal(ErrorCode.AgentUnknown, unknown.Error!.Code);
        Assert.Equal(atOnce, afterASecond);
        Assert.Contains("revoked", listener.Error, StringComparison.Ordinal);
    }

    private sealed class PartWatch : ISendObserver
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public void OnPart(string target, Part part) => Interlocked.Increment(ref _count);

        public void OnReceipt(string target, Receipt receipt)
        {
        }
    }
}
