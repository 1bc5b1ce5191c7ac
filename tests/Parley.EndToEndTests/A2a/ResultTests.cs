using System.Text.Json;
using Parley.EndToEndTests.Cli;
using Parley.EndToEndTests.PeerToPeer;
using Parley.Testing;

namespace Parley.EndToEndTests.A2a;

/// <summary><c>a2a result</c> waits only where an answer can come.</summary>
public sealed class ResultTests
{
    [Theory]
    [InlineData]
    [InlineData("--follow")]
    public async Task An_id_that_was_never_sent_is_unknown(params string[] options)
    {
        await using var hub = await TwoHomes.StartAsync();

        var outcome = await ResultAsync(hub, "never-sent", options);

        Assert.Equal(4, outcome.ExitCode);
        Assert.Contains("knows no message", outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData]
    [InlineData("--follow")]
    public async Task A_message_that_expired_is_told_as_expired(params string[] options)
    {
        await using var hub = await TwoHomes.StartAsync();
        var id = await SendAsync(hub, "too late", "--ttl", "1s");
        await Deadline.UntilAsync(async () => (await ParleyProgram.RunAsync(hub.HomeOf("a"), "a2a", "receipts", id)).Output.Contains("expired", StringComparison.Ordinal), "the end of its time");

        var outcome = await ResultAsync(hub, id, [.. options, "--json"]);

        Assert.Equal(5, outcome.ExitCode);
        using var json = JsonDocument.Parse(outcome.Output);
        Assert.Equal("expired", json.RootElement.GetProperty("status").GetString());
        Assert.Equal("message.expired", json.RootElement.GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_message_whose_receiver_was_removed_is_told_as_refused()
    {
        await using var hub = await TwoHomes.StartAsync();
        var id = await SendAsync(hub, "anybody there?");
        await hub.AdminAsync("agents", "remove", "local.agent-b");

        var outcome = await ResultAsync(hub, id, "--follow", "--json");

        using var json = JsonDocument.Parse(outcome.Output);
        Assert.Equal("refused", json.RootElement.GetProperty("status").GetString());
        Assert.Equal("agent.unknown", json.RootElement.GetProperty("error").GetProperty("code").GetString());
        Assert.Equal(4, outcome.ExitCode);
    }

    [Fact]
    public async Task An_answer_that_was_fetched_is_not_waited_for_again()
    {
        await using var hub = await TwoHomes.StartAsync();
        await using var listener = await ListenAsync(hub, "--exec", "cat");
        var id = await SendAsync(hub, "once");
        var first = await ResultAsync(hub, id, "--follow");
        await Deadline.UntilAsync(async () => (await ParleyProgram.RunAsync(hub.HomeOf("a"), "a2a", "receipts", id)).Output.Contains("answered", StringComparison.Ordinal), "the answer");

        var second = await ResultAsync(hub, id, "--follow");

        Assert.Equal((0, "once"), (first.ExitCode, first.Output));
        Assert.Equal(6, second.ExitCode);
        Assert.Contains("fetched", second.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Work_that_a_hub_which_was_started_again_does_not_remember_is_waited_for()
    {
        await using var hub = await TwoHomes.StartAsync();
        await using var listener = await ListenAsync(hub, "--exec", "/bin/sh");
        var gate = hub.HomeOf("gate");
        var id = await SendAsync(hub, $"until [ -e {gate} ]; do sleep 0.1; done; echo late");
        await Deadline.UntilAsync(async () => (await ParleyProgram.RunAsync(hub.HomeOf("a"), "a2a", "log")).Output.Contains(id, StringComparison.Ordinal), "the row of the log");
        hub.Process.Terminate();
        await hub.RestartAsync();
        var forgotten = await ParleyProgram.RunAsync(hub.HomeOf("a"), "a2a", "receipts", id);

        var early = await ResultAsync(hub, id);
        await using var following = ParleyProgram.Start(hub.HomeOf("a"), "a2a", "result", id, "--follow");
        await File.WriteAllTextAsync(gate, string.Empty, TestContext.Current.CancellationToken);
        await following.WaitForOutputAsync("late");

        Assert.Equal((4, 5), (forgotten.ExitCode, early.ExitCode));
        Assert.Equal(0, await following.WaitForExitAsync());
    }

    private static async Task<RealProcess> ListenAsync(HubProcess hub, params string[] options)
    {
        var listener = ParleyProgram.Start(hub.HomeOf("b"), ["a2a", "listen", .. options]);
        await listener.WaitForErrorAsync("listening");
        return listener;
    }

    private static async Task<string> SendAsync(HubProcess hub, string message, params string[] options)
    {
        var sent = await ParleyProgram.RunAsync(hub.HomeOf("a"), ["a2a", "send", "agent-b", message, "--no-wait", "--json", .. options]);
        using var json = JsonDocument.Parse(sent.Output);
        return json.RootElement.GetProperty("id").GetString()!;
    }

    private static Task<ProcessOutcome> ResultAsync(HubProcess hub, string id, params string[] options) =>
        ParleyProgram.RunAsync(hub.HomeOf("a"), ["a2a", "result", id, .. options]);
}
