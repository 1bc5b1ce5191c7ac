using System.Text.Json;
using Parley.Testing;

namespace Parley.EndToEndTests.WebRtc;

/// <summary>Files between two machines behind routers of their own.</summary>
public sealed class NatTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, false, false, "webrtc", "webrtc")]
    [InlineData(true, true, true, "webrtc", "turn")]
    [InlineData(true, true, false, "auto", "relay")]
    public Task A_file_takes_the_best_way_that_the_routers_leave(bool isSymmetricA, bool isSymmetricB, bool hasRelay, string allowed, string taken) =>
        SendAsync(isSymmetricA, isSymmetricB, hasRelay, allowed, taken);

    [Fact]
    public async Task Where_no_datagram_gets_out_a_relay_is_reached_over_TCP_and_over_TLS()
    {
        await using var lab = await NatLab.StartAsync(isSymmetricA: false, isSymmetricB: false, letsUdpOut: false);
        await lab.StartRelayAsync();
        var file = await MakeFileAsync(lab, 2 << 20);
        var receiver = lab.Start("b", "p2p", "recv", "--once", "--yes", "-o", lab.PathOf("in"), "--ice-server", "turns:" + NatLab.TlsRelayPlace);
        await receiver.WaitForErrorAsync("listening");

        var sent = await lab.RunAsync("a", "p2p", "send", file, "agent-b", "--json", "--path", "webrtc", "--ice-server", $"turn:{NatLab.RelayPlace}?transport=tcp");

        Assert.True(sent.ExitCode == 0, sent.Error + receiver.Error);
        Assert.Equal("turn", PathOf(sent));
        await AssertSameAsync(file, lab.PathOf("in/file"));
    }

    [Fact]
    public async Task One_router_of_the_strict_kind_is_enough_to_need_a_relay()
    {
        Requires.LongRun();
        await SendAsync(isSymmetricA: false, isSymmetricB: true, hasRelay: true, "webrtc", "turn");
    }

    private static async Task SendAsync(bool isSymmetricA, bool isSymmetricB, bool hasRelay, string allowed, string taken)
    {
        await using var lab = await NatLab.StartAsync(isSymmetricA, isSymmetricB);
        string[] servers = [];
        if (hasRelay)
        {
            await lab.StartRelayAsync();
            servers = ["--ice-server", "turn:" + NatLab.RelayPlace];
        }

        var file = await MakeFileAsync(lab, 2 << 20);
        var receiver = lab.Start("b", ["p2p", "recv", "--once", "--yes", "-o", lab.PathOf("in"), .. servers]);
        await receiver.WaitForErrorAsync("listening");

        var sent = await lab.RunAsync("a", ["p2p", "send", file, "agent-b", "--json", "--path", allowed, .. servers]);

        Assert.True(sent.ExitCode == 0, sent.Error + receiver.Error);
        Assert.Equal(taken, PathOf(sent));
        await AssertSameAsync(file, lab.PathOf("in/file"));
    }

    [Theory]
    [InlineData(false, "endpoint-independent", true, "through NAT")]
    [InlineData(true, "address-dependent", false, "symmetric")]
    public async Task The_doctor_names_the_NAT_and_says_what_would_mend_it(bool isSymmetric, string kind, bool works, string text)
    {
        await using var lab = await NatLab.StartAsync(isSymmetric, isSymmetric);
        await lab.StartRelayAsync();
        string[] servers = ["--ice-server", "stun:" + NatLab.RelayPlace];
        var answerer = lab.Start("b", ["p2p", "doctor", .. servers]);
        await answerer.WaitForErrorAsync("answering");

        var seen = await lab.RunAsync("a", ["p2p", "doctor", "agent-b", "--json", .. servers]);

        using var json = JsonDocument.Parse(seen.Output);
        var way = json.RootElement.GetProperty("ways").EnumerateArray().Single(one => one.GetProperty("path").GetString() == "webrtc");
        Assert.Equal(kind, json.RootElement.GetProperty("udp").GetProperty("nat").GetString());
        Assert.Equal(works, way.GetProperty("works").GetBoolean());
        Assert.Contains(text, works ? way.GetProperty("text").GetString() : way.GetProperty("mend").GetString(), StringComparison.Ordinal);
        var pairs = json.RootElement.GetProperty("udp").GetProperty("pairs").EnumerateArray().Select(pair => pair.GetProperty("there").GetString()!).ToList();
        Assert.NotEmpty(pairs);

        // The two share a kernel, as containers do, and not their loopback.
        Assert.DoesNotContain(pairs, there => there.StartsWith("127.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_cable_that_is_out_for_a_moment_does_not_break_the_path()
    {
        Requires.LongRun();
        await TransferAcrossAsync(TimeSpan.FromSeconds(3));
    }

    [Fact]
    public async Task A_cable_that_is_out_for_half_a_minute_does_not_spoil_a_transfer()
    {
        await TransferAcrossAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task What_a_killed_run_left_goes_and_what_runs_stays()
    {
        Requires.Root();
        Requires.Program("ip");
        string[] names = ["ply999999999-1a", $"ply{Environment.ProcessId}-0x"];
        foreach (var name in names)
        {
            if ((await RealProcess.RunAsync("ip", ["netns", "add", name])).ExitCode != 0)
            {
                Assert.Skip("no network namespace can be made here");
            }
        }

        await NatLab.SweepAsync();
        var left = (await RealProcess.RunAsync("ip", ["netns", "list"])).Output;
        await RealProcess.RunAsync("ip", ["netns", "delete", names[1]]);

        Assert.DoesNotContain(names[0], left, StringComparison.Ordinal);
        Assert.Contains(names[1], left, StringComparison.Ordinal);
    }

    private static async Task TransferAcrossAsync(TimeSpan without)
    {
        await using var lab = await NatLab.StartAsync(false, false);
        var file = await MakeFileAsync(lab, 12 << 20);
        var receiver = lab.Start("b", "p2p", "recv", "--yes", "-o", lab.PathOf("in"));
        await receiver.WaitForErrorAsync("listening");
        var sender = lab.Start("a", "p2p", "send", file, "agent-b", "--json", "--path", "webrtc", "--limit-rate", "3MiB");
        await Deadline.UntilAsync(() => Directory.Exists(lab.PathOf("in")) && Directory.EnumerateFiles(lab.PathOf("in")).Any(), "the first bytes");

        await lab.CableAsync("a", isIn: false);
        await Task.Delay(without, TimeProvider.System, Stop);
        await lab.CableAsync("a", isIn: true);
        await lab.RouteAsync("a");

        // Whoever gave up meanwhile says so, and the same command goes on where it was.
        if (await sender.WaitForExitAsync() != 0)
        {
            var again = await lab.RunAsync("a", "p2p", "send", file, "agent-b", "--json", "--path", "webrtc");
            Assert.True(without > TimeSpan.FromSeconds(10) && again.ExitCode == 0, sender.Error + again.Error);
        }

        await AssertSameAsync(file, lab.PathOf("in/file"));
    }

    private static async Task<string> MakeFileAsync(NatLab lab, int size)
    {
        var bytes = new byte[size];
        new Random(size).NextBytes(bytes);
        await File.WriteAllBytesAsync(lab.PathOf("file"), bytes, Stop);
        return lab.PathOf("file");
    }

    private static string? PathOf(ProcessOutcome sent)
    {
        using var json = JsonDocument.Parse(sent.Output);
        return json.RootElement.GetProperty("path").GetString();
    }

    private static async Task AssertSameAsync(string source, string target)
    {
        var (sent, arrived) = (await File.ReadAllBytesAsync(source, Stop), await File.ReadAllBytesAsync(target, Stop));
        Assert.True(sent.AsSpan().SequenceEqual(arrived));
    }
}
