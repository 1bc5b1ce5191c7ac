using Parley.EndToEndTests.Cli;
using Parley.Testing;
using Parley.Testing.Peering;

namespace Parley.EndToEndTests.PeerToPeer;

/// <summary>Ctrl-C and SIGTERM amid what two machines do: the other end hears of it at once, and the next run goes on.</summary>
public sealed class StoppedProcessTests
{
    private const int Stopped = 130;

    /// <summary>Below every limit of silence: who needs longer was not told.</summary>
    private static readonly TimeSpan _atOnce = TimeSpan.FromSeconds(18);

    [Fact]
    public async Task A_transfer_that_either_end_stops_is_over_at_both_and_goes_on_later()
    {
        await using var hub = await TwoHomes.StartAsync();
        var source = MakeFile(hub.HomeOf("large"), 16 << 20);
        await using (var receiver = Receive(hub))
        {
            await receiver.WaitForErrorAsync("listening");
            await using var sender = Send(hub, source, "--limit-rate", "1MiB");
            await UntilChunksAsync(hub);
            sender.Interrupt();
            await AssertAtOnceAsync(sender, receiver);
            Assert.Equal((Stopped, 1), (sender.ExitCode, receiver.ExitCode));
            Assert.Contains("the same command goes on", sender.Error, StringComparison.Ordinal);
            Assert.Contains("The sender stopped", receiver.Error, StringComparison.Ordinal);
        }

        await using (var receiver = Receive(hub))
        {
            await receiver.WaitForErrorAsync("listening");
            await using var sender = Send(hub, source, "--limit-rate", "1MiB");
            await receiver.WaitForErrorAsync("from an earlier try");
            receiver.Terminate();
            await AssertAtOnceAsync(receiver, sender);
            Assert.Equal((Stopped, 1), (receiver.ExitCode, sender.ExitCode));
            Assert.Contains("The receiver stopped", sender.Error, StringComparison.Ordinal);
        }

        await using var last = Receive(hub);
        await last.WaitForErrorAsync("listening");
        await using var again = Send(hub, source);

        Assert.Equal((0, 0), (await again.WaitForExitAsync(), await last.WaitForExitAsync()));
        Assert.Contains("from an earlier try", last.Error, StringComparison.Ordinal);
        Assert.True(File.ReadAllBytes(source).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(hub.HomeOf("in"), "large"))));
    }

    [Fact]
    public async Task A_second_Ctrl_C_does_not_wait_for_the_farewell()
    {
        await using var hub = await TwoHomes.StartAsync();
        var source = MakeFile(hub.HomeOf("large"), 16 << 20);
        await using var receiver = Receive(hub);
        await receiver.WaitForErrorAsync("listening");
        await using var sender = Send(hub, source, "--limit-rate", "1MiB");
        await UntilChunksAsync(hub);

        // A receiver that hears nothing keeps the sender waiting.
        receiver.Halt();
        sender.Interrupt();

        // Signals that follow the first one closely are its echo and count for nothing; the first that does not ends the process.
        await Deadline.UntilAsync(
            () =>
            {
                sender.Interrupt();
                return sender.HasExited;
            },
            "the sender's end");

        Assert.Equal(Stopped, await sender.WaitForExitAsync());
        Assert.DoesNotContain("the same command goes on", sender.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("parley: stopped", sender.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chat_that_either_end_stops_is_over_at_both()
    {
        await using var hub = await TwoHomes.StartAsync();
        foreach (var isTerminated in new[] { false, true })
        {
            await using var bob = ParleyProgram.StartWithInput(hub.HomeOf("b"), "p2p", "chat", "--from", "agent-a", "--json");
            await bob.WaitForErrorAsync("listening");
            await using var alice = ParleyProgram.StartWithInput(hub.HomeOf("a"), "p2p", "chat", "agent-b", "--json");
            await alice.WriteAsync("""{"type":"message","text":"hi"}""" + "\n");
            await bob.WaitForOutputAsync("\"text\":\"hi\"");

            var (stopped, other) = isTerminated ? (bob, alice) : (alice, bob);
            Signal(stopped, isTerminated);
            await AssertAtOnceAsync(stopped, other);

            Assert.Equal((Stopped, 0), (stopped.ExitCode, other.ExitCode));
            Assert.Contains("the chat is over", other.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_call_that_either_end_stops_is_over_at_both()
    {
        await using var hub = await TwoHomes.StartAsync();
        foreach (var isTerminated in new[] { false, true })
        {
            await using var bob = ParleyProgram.Start(hub.HomeOf("b"), "p2p", "call", "--from", "agent-a", "--no-browser");
            await using var alice = ParleyProgram.Start(hub.HomeOf("a"), "p2p", "call", "agent-b", "--no-browser");
            await using var bobs = await CallWindow.OpenAsync(bob);
            await using var alices = await CallWindow.OpenAsync(alice);
            await alices.WaitForAsync("peer");
            await alices.DescribeAsync("s=-");
            await bobs.WaitForAsync("signal");
            await bobs.DescribeAsync("s=-");
            await alices.WaitForAsync("signal");

            var (stopped, other) = isTerminated ? (bob, alice) : (alice, bob);
            Signal(stopped, isTerminated);
            var told = (isTerminated ? alices : bobs).WaitForAsync("over");
            await AssertAtOnceAsync(stopped, other);

            Assert.Equal((Stopped, 0), (stopped.ExitCode, other.ExitCode));
            Assert.Contains("hung up", other.Error, StringComparison.Ordinal);
            Assert.Equal("The call is over.", (await told).GetProperty("text").GetString());
        }
    }

    [Fact]
    public async Task A_call_whose_other_end_was_killed_is_over_and_its_page_closes_the_devices()
    {
        await using var hub = await TwoHomes.StartAsync();
        await using var bob = ParleyProgram.Start(hub.HomeOf("b"), "p2p", "call", "--from", "agent-a", "--no-browser");
        await using var alice = ParleyProgram.Start(hub.HomeOf("a"), "p2p", "call", "agent-b", "--no-browser");
        await using var bobs = await CallWindow.OpenAsync(bob);
        await using var alices = await CallWindow.OpenAsync(alice);
        await alices.WaitForAsync("peer");
        await alices.DescribeAsync("s=-");
        await bobs.WaitForAsync("signal");

        alice.Kill();
        await bobs.DescribeAsync("s=-");
        var told = await bobs.WaitForAsync("over");

        Assert.Equal("The call is over.", told.GetProperty("text").GetString());
        Assert.Equal(0, await bob.WaitForExitAsync());
        Assert.Contains("local.agent-a is gone", bob.Error, StringComparison.Ordinal);
    }

    private static void Signal(RealProcess process, bool isTerminated)
    {
        if (isTerminated)
        {
            process.Terminate();
        }
        else
        {
            process.Interrupt();
        }
    }

    private static async Task AssertAtOnceAsync(RealProcess stopped, RealProcess other)
    {
        var started = TimeProvider.System.GetTimestamp();
        await Task.WhenAll(stopped.WaitForExitAsync(), other.WaitForExitAsync());
        Assert.True(TimeProvider.System.GetElapsedTime(started) < _atOnce, $"It took {TimeProvider.System.GetElapsedTime(started)}.\n{stopped}\n{other}");
    }

    private static RealProcess Receive(HubProcess hub) => ParleyProgram.Start(hub.HomeOf("b"), "p2p", "recv", "--once", "--yes", "-o", hub.HomeOf("in"));

    private static RealProcess Send(HubProcess hub, string source, params string[] options) =>
        ParleyProgram.Start(hub.HomeOf("a"), ["p2p", "send", source, "agent-b", "--chunk", "256KiB", "--path", "direct", .. options]);

    private static string MakeFile(string path, int size)
    {
        var bytes = new byte[size];
        new Random(size).NextBytes(bytes);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    /// <summary>Waits until some chunks are verified: their hashes stand in the state file behind 80 bytes.</summary>
    private static Task UntilChunksAsync(HubProcess hub) => Deadline.UntilAsync(
        () => Directory.Exists(hub.HomeOf("in")) && Directory.EnumerateFiles(hub.HomeOf("in"), ".parley-*.state").Any(static file => new FileInfo(file).Length >= 80 + (4 * 32)),
        "the first chunks");
}
