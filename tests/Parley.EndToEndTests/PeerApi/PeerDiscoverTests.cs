using System.Text.Json;
using Parley.EndToEndTests.Cli;
using Parley.Testing;

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

        var bAsA = await FindAsync(homes.A, b);
        var cAsA = await FindAsync(homes.A, c);
        var bAsB = await FindAsync(homes.B, b);
        var table = await SearchAsync(homes.A, outcome => outcome.Output.Contains($"127.0.0.1:{c}", StringComparison.Ordinal), _discover);

        Assert.Equal(("known", $"127.0.0.1:{b}"), bAsA);
        Assert.Equal(("unknown", $"127.0.0.1:{c}"), cAsA);
        Assert.Equal(("self", $"127.0.0.1:{b}"), bAsB);
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

        var found = await FindAsync(homes.A, b);

        Assert.Equal(("differs", $"127.0.0.1:{b}"), found);
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
    private static async Task<(string? State, string? Address)> FindAsync(string home, string port)
    {
        var outcome = await SearchAsync(home, outcome => RowsOf(outcome.Output, port).Length > 0, [.. _discover, "--json"]);
        var row = RowsOf(outcome.Output, port).Single();
        return (row.GetProperty("state").GetString(), row.GetProperty("addresses")[0].GetString());
    }

    /// <summary>Searches until something is found: whoever announces himself on a busy machine may answer one search too late.</summary>
    private static async Task<ProcessOutcome> SearchAsync(string home, Func<ProcessOutcome, bool> finds, string[] arguments)
    {
        ProcessOutcome outcome = null!;
        await Deadline.UntilAsync(async () => finds(outcome = await ParleyProgram.RunAsync(home, arguments)), "the search to find it");
        return outcome;
    }

    private static JsonElement[] RowsOf(string output, string port) =>
        [.. JsonDocument.Parse(output).RootElement.EnumerateArray().Where(row => row.GetProperty("addresses")[0].GetString()!.EndsWith(":" + port, StringComparison.Ordinal))];
}
