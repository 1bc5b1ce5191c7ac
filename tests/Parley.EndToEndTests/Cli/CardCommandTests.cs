using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Parley.EndToEndTests.A2aDoors;
using Parley.Testing;

namespace Parley.EndToEndTests.Cli;

public sealed class CardCommandTests
{
    private const string Card = """
        { "description": "Builds things", "version": "2.1", // comments are fine
          "name": "impostor",
          "skills": [{ "id": "build", "name": "Build", "description": "Builds what it is told", "tags": ["ci"] }] }
        """;

    [Fact]
    public async Task A_card_is_shown_to_programs_in_one_shape_wherever_it_comes_from()
    {
        await using var site = await A2aSite.OfProgramAsync("cat");
        await site.ShowToAllAsync();

        var byName = await JsonOfAsync(site, "card", "show", "support", "--json");
        var byAddress = await JsonOfAsync(site, "card", "show", site.Agent, "--json");

        Assert.Equal(["source", "version", "signature", "card"], NamesOf(byName));
        Assert.Equal(NamesOf(byName), NamesOf(byAddress));
        Assert.Equal(["state", "why"], NamesOf(byName.GetProperty("signature")).Take(2));
        Assert.Equal(("local.support", "unchecked"), (byName.GetProperty("source").GetString(), byName.GetProperty("signature").GetProperty("state").GetString()));
        Assert.Equal("verified", byAddress.GetProperty("signature").GetProperty("state").GetString());
        Assert.Equal(byName.GetProperty("card").GetProperty("name").GetString(), byAddress.GetProperty("card").GetProperty("name").GetString());
    }

    [Fact]
    public async Task A_card_is_edited_from_a_file_and_forgotten_again()
    {
        await using var site = await A2aSite.OfProgramAsync("cat");
        var file = site.Write(Card);

        var edited = await ParleyProgram.RunAsync(site.Home, "card", "edit", "--file", file);
        var shown = await ParleyProgram.RunAsync(site.Home, "card", "show");
        var reset = await ParleyProgram.RunAsync(site.Home, "card", "edit", "--reset");
        var after = await ParleyProgram.RunAsync(site.Home, "card", "show");

        Assert.Equal((0, 0), (edited.ExitCode, reset.ExitCode));
        Assert.Contains("left out, since the hub speaks for them: name", edited.Error, StringComparison.Ordinal);
        Assert.Contains("Builds things", shown.Output, StringComparison.Ordinal);
        Assert.Contains("build: Builds what it is told", shown.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Builds things", after.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_card_is_edited_in_the_editor_and_what_the_hub_refuses_stays_in_the_draft()
    {
        await using var site = await A2aSite.OfProgramAsync("cat");
        var good = site.Write(Card);
        var draft = Path.Combine(site.Home, "card.draft.json");

        var refused = await EditAsync(site, "sh -c 'echo broken > $0'");
        var kept = await File.ReadAllTextAsync(draft);
        var edited = await EditAsync(site, $"cp {good}");

        Assert.Equal((2, "broken\n"), (refused.ExitCode, kept));
        Assert.Equal(0, edited.ExitCode);
        Assert.False(File.Exists(draft));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{\"description\":5}")]
    [InlineData("{\"documentationUrl\":\"javascript:alert(1)\"}")]
    public async Task A_card_that_is_none_is_refused_with_a_sentence(string card)
    {
        await using var site = await A2aSite.OfProgramAsync("cat");

        var outcome = await ParleyProgram.RunAsync(site.Home, "card", "edit", "--file", site.Write(card));

        Assert.Equal(2, outcome.ExitCode);
        Assert.Single(outcome.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task A_listener_s_card_is_served_and_a_card_that_is_none_ends_the_listener()
    {
        var good = new TempFolder();
        await File.WriteAllTextAsync(good.PathOf("card.json"), Card);
        await using var site = await A2aSite.StartAsync("--exec", "cat", "--card", good.PathOf("card.json"));

        await Deadline.UntilAsync(async () => (await ParleyProgram.RunAsync(site.Home, "card", "show")).Output.Contains("Builds things", StringComparison.Ordinal), "the card is served");
        var bad = await ParleyProgram.RunAsync(site.Home, "a2a", "listen", "--share", "--exec", "cat", "--card", site.Write("{\"documentationUrl\":\"no address\"}"));

        Assert.Equal(2, bad.ExitCode);
        good.Dispose();
    }

    [Fact]
    public async Task What_a_stranger_s_card_says_does_not_steer_the_terminal()
    {
        const string Evil = "\u001b[31mred\u001b]52;c;ZXZpbA==\u0007\u009b31m\u202egnp.exe\r\nverified";
        await using var server = await StandInServer.StartAsync((context, _) => StandInServer.JsonAsync(context, JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["name"] = Evil,
            ["description"] = Evil,
            ["version"] = Evil,
            ["supportedInterfaces"] = new[] { new Dictionary<string, string> { ["url"] = "https://x.example/" + Evil, ["protocolBinding"] = Evil, ["protocolVersion"] = "1.0" } },
            ["skills"] = new[] { new Dictionary<string, string> { ["id"] = Evil, ["name"] = Evil, ["description"] = Evil } },
            ["signatures"] = new[] { new Dictionary<string, string> { ["protected"] = Evil, ["signature"] = Evil } },
        })));
        using var home = new TempFolder();
        var environment = new Dictionary<string, string?> { ["PARLEY_HOME"] = home.FullPath, ["TERM"] = "xterm", ["NO_COLOR"] = "1", ["PARLEY_LOG"] = null };

        var shown = await RealProcess.RunAsync(Requires.Program("script"), ["-qec", $"'{ParleyProgram.FullPath}' card show {server.Url}", "/dev/null"], environment: environment);

        var text = shown.Output.Replace("\u001b[?1h\u001b=", string.Empty, StringComparison.Ordinal);
        Assert.Contains("red", text, StringComparison.Ordinal);
        Assert.Empty(text.Intersect("\u001b\u0007\u009b\u202e"));
        Assert.DoesNotContain(text.Split('\n'), line => line.StartsWith("verified", StringComparison.Ordinal));
    }

    private static Task<ProcessOutcome> EditAsync(A2aSite site, string editor) =>
        ParleyProgram.RunWithAsync(site.Home, new Dictionary<string, string?> { ["EDITOR"] = editor, ["VISUAL"] = null }, string.Empty, "card", "edit");

    private static async Task<JsonElement> JsonOfAsync(A2aSite site, params string[] arguments)
    {
        var outcome = await ParleyProgram.RunAsync(site.Home, arguments);
        Assert.True(outcome.ExitCode == 0, outcome.Error);
        return JsonElement.Parse(outcome.Output);
    }

    private static IEnumerable<string> NamesOf(JsonElement json) => json.EnumerateObject().Select(member => member.Name);
}
