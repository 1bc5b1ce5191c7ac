using System.Text.Json;
using Parley.EndToEndTests.Cli;
using Parley.Testing;

namespace Parley.EndToEndTests.PeerApi;

public sealed class PeerCommandTests
{
    [Fact]
    public async Task Two_instances_ask_each_other()
    {
        await using var homes = await PeerHomes.MakeAsync();
        await PeerHomes.IntroduceAsync(homes.B, await homes.ServeScriptAsync(homes.B, "printf '%s said: ' \"$PARLEY_FROM\"; cat"), homes.A);
        await PeerHomes.IntroduceAsync(homes.A, await homes.ServeAsync(homes.A, "cat"), homes.B);

        var there = await ParleyProgram.RunAsync(homes.A, "peer", "ask", "b", "how are you?");
        var back = await ParleyProgram.RunAsync(homes.B, "peer", "ask", "a", "and you?");

        Assert.Equal((0, "peer:a said: how are you?\n"), (there.ExitCode, there.Output));
        Assert.Equal((0, "and you?\n"), (back.ExitCode, back.Output));
    }

    [Fact]
    public async Task P4_a_circle_of_two_ends_when_the_budget_is_spent()
    {
        await using var homes = await PeerHomes.MakeAsync();
        var parley = ParleyProgram.FullPath;
        await PeerHomes.IntroduceAsync(homes.B, await homes.ServeScriptAsync(homes.B, $"echo x >> {homes.PathOf("asked")}; exec {parley} peer ask a again --json"), homes.A);
        await PeerHomes.IntroduceAsync(homes.A, await homes.ServeScriptAsync(homes.A, $"echo x >> {homes.PathOf("asked")}; exec {parley} peer ask b again --json"), homes.B);

        var outcome = await ParleyProgram.RunAsync(homes.A, "peer", "ask", "b", "begin", "--hops", "3");

        Assert.Contains("hop_exceeded", outcome.Output, StringComparison.Ordinal);
        Assert.Equal(3, (await File.ReadAllLinesAsync(homes.PathOf("asked"))).Length);
    }

    [Fact]
    public async Task P4_a_circle_of_three_ends_when_the_budget_is_spent()
    {
        await using var homes = await PeerHomes.MakeAsync();
        await homes.MakeThirdAsync();
        var parley = ParleyProgram.FullPath;
        string Asking(string next) => $"echo x >> {homes.PathOf("asked")}; exec {parley} peer ask {next} again --json";
        await PeerHomes.IntroduceAsync(homes.B, await homes.ServeScriptAsync(homes.B, Asking("c")), homes.A);
        await PeerHomes.IntroduceAsync(homes.C, await homes.ServeScriptAsync(homes.C, Asking("a")), homes.B);
        await PeerHomes.IntroduceAsync(homes.A, await homes.ServeScriptAsync(homes.A, Asking("b")), homes.C);
        await PeerHomes.IntroduceAsync(homes.A, "3100", homes.B, keeps: true);
        await PeerHomes.IntroduceAsync(homes.B, "3100", homes.C, keeps: true);
        await PeerHomes.IntroduceAsync(homes.C, "3100", homes.A, keeps: true);

        var outcome = await ParleyProgram.RunAsync(homes.A, "peer", "ask", "b", "begin", "--hops", "5");

        Assert.Contains("hop_exceeded", outcome.Output, StringComparison.Ordinal);
        Assert.Equal(5, (await File.ReadAllLinesAsync(homes.PathOf("asked"))).Length);
    }

    [Fact]
    public async Task W7_a_long_answer_arrives_though_the_first_call_timed_out()
    {
        await using var homes = await PeerHomes.MakeAsync();
        await PeerHomes.IntroduceAsync(homes.B, await homes.ServeScriptAsync(homes.B, $"while [ ! -e {homes.PathOf("go")} ]; do sleep 0.1; done; echo long done"), homes.A);
        await PeerHomes.IntroduceAsync(homes.A, "3100", homes.B);
        PeerHomes.ChangeRoot(homes.A, "timeoutMs", 1000);
        await using var asking = ParleyProgram.Start(homes.A, ["peer", "ask", "b", "begin"]);
        await Deadline.UntilAsync(() => asking.Error.Contains("parley peer task show b ", StringComparison.Ordinal), "the end of the first call");

        await File.WriteAllTextAsync(homes.PathOf("go"), "");
        var answer = await asking.WaitForOutputAsync("long done");

        Assert.Equal("long done", answer);
    }

    [Fact]
    public async Task A_question_is_begun_polled_and_cancelled()
    {
        await using var homes = await PeerHomes.MakeAsync();
        await PeerHomes.IntroduceAsync(homes.B, await homes.ServeScriptAsync(homes.B, "if [ \"$(cat)\" = quick ]; then echo done; else sleep 60; fi"), homes.A);
        await PeerHomes.IntroduceAsync(homes.A, "3100", homes.B);

        var quick = await ParleyProgram.RunWithInputAsync(homes.A, "quick", "peer", "ask", "b", "-", "--no-wait");
        var shown = await ParleyProgram.RunAsync(homes.A, "peer", "task", "show", "b", quick.Output.Trim(), "--follow");
        var slow = await ParleyProgram.RunWithInputAsync(homes.A, "slow", "peer", "ask", "b", "-", "--no-wait", "--thread", "another");
        var pending = await ParleyProgram.RunAsync(homes.A, "peer", "task", "show", "b", slow.Output.Trim());
        var cancelled = await ParleyProgram.RunAsync(homes.A, "peer", "task", "cancel", "b", slow.Output.Trim());

        Assert.Equal((0, "done\n"), (shown.ExitCode, shown.Output));
        Assert.Equal(5, pending.ExitCode);
        Assert.Equal((0, "cancelled\n"), (cancelled.ExitCode, cancelled.Output));
    }

    [Fact]
    public async Task W10_a_server_learns_of_a_new_peer_without_a_restart()
    {
        await using var homes = await PeerHomes.MakeAsync();
        await PeerHomes.IntroduceAsync(homes.B, await homes.ServeAsync(homes.B, "cat"), homes.A);
        var before = await ParleyProgram.RunAsync(homes.A, "peer", "ping", "b", "--json");

        await PeerHomes.IntroduceAsync(homes.A, "3100", homes.B);
        var after = await ParleyProgram.RunAsync(homes.A, "peer", "ping", "b");

        Assert.Equal(3, before.ExitCode);
        Assert.Equal("auth_failed", JsonDocument.Parse(before.Output).RootElement.GetProperty("code").GetString());
        Assert.Equal(0, after.ExitCode);
        Assert.Contains("\"name\":\"b\"", after.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_there_and_nobody_known_have_their_own_words()
    {
        await using var homes = await PeerHomes.MakeAsync();
        await PeerHomes.IntroduceAsync(homes.B, "1", homes.A);

        var unreachable = await ParleyProgram.RunAsync(homes.A, "peer", "ask", "b", "x");
        var unknown = await ParleyProgram.RunAsync(homes.A, "peer", "ask", "c", "x");

        Assert.Equal(5, unreachable.ExitCode);
        Assert.Contains("(unreachable)", unreachable.Error, StringComparison.Ordinal);
        Assert.Equal(4, unknown.ExitCode);
        Assert.Contains("Unknown peer 'c'. Available: b", unknown.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task W9_a_known_peer_with_another_key_is_not_added_over()
    {
        await using var homes = await PeerHomes.MakeAsync();
        await PeerHomes.IntroduceAsync(homes.B, "3100", homes.A);
        var export = await ParleyProgram.RunAsync(homes.B, "peer", "export", "--host", "127.0.0.1");

        var outcome = await ParleyProgram.RunWithInputAsync(homes.A, export.Output, "peer", "add", "-");

        Assert.Equal(6, outcome.ExitCode);
        Assert.DoesNotContain("PRIVATE", export.Output, StringComparison.Ordinal);
    }
}
