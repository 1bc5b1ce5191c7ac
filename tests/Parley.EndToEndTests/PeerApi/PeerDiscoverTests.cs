using System.Text.Json;
using Parley.EndToEndTests.Cli;

namespace Parley.EndToEndTests.PeerApi;

/// <summary>Multicast DNS over the loopback interface, between real processes.</summary>
public sealed class PeerDiscoverTests
{
    private static readonly string[] _discover = ["peer", "discover", "--interface", "127.0.0.1", "--timeout", "1s"];

    [Fact]
    public async Task Who_is_announced_is_listed_with_what_peers_json_says_to_that_and_nothing_is_written()
    {
        await using var homes = await PeerHomes.MakeAsync();
        await homes.MakeThirdAsync();
        var b = await homes.ServeOptionsAsync(homes.B, "--discoverable", "--interface", "127.0.0.1", "--", "cat");
        var c = await homes.ServeOptionsAsync(homes.C, "--discoverable", "--interface", "127.0.0.1", "--", "cat");
        await PeerHomes.IntroduceAsync(homes.B, b, homes.A);
        var before = await File.ReadAllBytesAsync(Path.Combine(homes.A, "peers.json"));

        var asA = await ParleyProgram.RunAsync(homes.A, [.. _discover, "--json"]);
        var asB = await ParleyProgram.RunAsync(homes.B, [.. _discover, "--json"]);
        var table = await ParleyProgram.RunAsync(homes.A, _discover);

        Assert.Equal(("known", $"127.0.0.1:{b}"), Find(asA.Output, b));
        Assert.Equal(("unknown", $"127.0.0.1:{c}"), Find(asA.Output, c));
        Assert.Equal(("self", $"127.0.0.1:{b}"), Find(asB.Output, b));
        Assert.Contains($"parley peer export --host 127.0.0.1 --port {c}", table.Error, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(Path.Combine(homes.A, "peers.json")));
    }

    [Fact]
    public async Task Another_certificate_under_a_known_name_is_told_apart()
    {
        await using var homes = await PeerHomes.MakeAsync();
        var b = await homes.ServeOptionsAsync(homes.B, "--discoverable", "--interface", "127.0.0.1", "--", "cat");
        await PeerHomes.IntroduceAsync(homes.B, b, homes.A);
        PeerHomes.Change(homes.A, "b", "certFingerprint", new string('a', 64));
        PeerHomes.Remove(homes.A, "b", "certPem");

        var outcome = await ParleyProgram.RunAsync(homes.A, [.. _discover, "--json"]);

        Assert.Equal(("differs", $"127.0.0.1:{b}"), Find(outcome.Output, b));
    }

    [Fact]
    public async Task What_only_this_machine_reaches_is_not_announced_by_mistake()
    {
        await using var homes = await PeerHomes.MakeAsync();

        var outcome = await ParleyProgram.RunAsync(homes.A, "peer", "serve", "--discoverable", "--", "cat");

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("--listen 0.0.0.0", outcome.Error, StringComparison.Ordinal);
    }

    // Other tests may announce themselves at the same time: ours has the port.
    private static (string? State, string? Address) Find(string output, string port)
    {
        var row = JsonDocument.Parse(output).RootElement.EnumerateArray().Single(row => row.GetProperty("addresses")[0].GetString()!.EndsWith(":" + port, StringComparison.Ordinal));
        return (row.GetProperty("state").GetString(), row.GetProperty("addresses")[0].GetString());
    }
}
