using Parley.EndToEndTests.Cli;
using Parley.Testing;

namespace Parley.EndToEndTests.PeerApi;

/// <summary>New keys, real processes, no restart and no new export.</summary>
public sealed class PeerRotateTests
{
    [Fact]
    public async Task W10_who_asks_takes_the_new_keys_over_and_the_new_certificate_is_served_without_a_restart()
    {
        await using var homes = await PeerHomes.MakeAsync();
        var port = await homes.ServeAsync(homes.B, "cat");
        await PeerHomes.IntroduceAsync(homes.B, port, homes.A);
        await PeerHomes.IntroduceAsync(homes.A, "3100", homes.B);
        var before = await Pinned(homes.A, "b");

        var rotated = await ParleyProgram.RunAsync(homes.B, "peer", "rotate");
        var during = await ParleyProgram.RunAsync(homes.A, "peer", "ask", "b", "during");
        var finished = await ParleyProgram.RunAsync(homes.B, "peer", "rotate", "--finish");
        await PeerHomes.UntilShownAsync(port, finished.Output.Trim());
        var after = await ParleyProgram.RunAsync(homes.A, "peer", "ask", "b", "after");

        Assert.Equal((0, "during\n", 0, "after\n"), (during.ExitCode, during.Output, after.ExitCode, after.Output));
        Assert.Equal(rotated.Output, finished.Output);
        Assert.Equal(rotated.Output.Trim(), await Pinned(homes.A, "b"));
        Assert.NotEqual(rotated.Output.Trim(), before);
    }

    [Fact]
    public async Task W10_who_is_asked_takes_them_over_too()
    {
        await using var homes = await PeerHomes.MakeAsync();
        await PeerHomes.IntroduceAsync(homes.B, await homes.ServeAsync(homes.B, "cat"), homes.A);
        await PeerHomes.IntroduceAsync(homes.A, "3100", homes.B);

        var rotated = await ParleyProgram.RunAsync(homes.A, "peer", "rotate", "--now");
        var asked = await ParleyProgram.RunAsync(homes.A, "peer", "ask", "b", "hello");

        Assert.Equal((0, "hello\n"), (asked.ExitCode, asked.Output));
        Assert.Equal(rotated.Output.Trim(), await Pinned(homes.B, "a"));
    }

    private static async Task<string> Pinned(string home, string peer) =>
        System.Text.Json.Nodes.JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(home, "peers.json")))!["peers"]![peer]!["certFingerprint"]!.GetValue<string>();
}
