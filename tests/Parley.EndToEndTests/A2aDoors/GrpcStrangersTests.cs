using System.Text.Json;
using Parley.EndToEndTests.Cli;
using Parley.EndToEndTests.Grpc;

namespace Parley.EndToEndTests.A2aDoors;

/// <summary>grpc-js with services from the .proto files, and A2A's own verifier of signatures, against a hub and an agent in processes of their own.</summary>
public sealed class GrpcStrangersTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_plain_gRPC_client_uses_both_services()
    {
        await using var site = await A2aSite.StartAsync("--exec", "sed 's/^/echo: /'");

        var seen = await RunAsync("a2a-grpc-plain.mjs", site.Key, site.Grpc, Path.Combine(NodeFolder.Root, "proto"), "local.support");

        Assert.Equal("echo: one", seen.GetProperty("send").GetProperty("task").GetProperty("artifacts")[0].GetProperty("parts")[0].GetProperty("text").GetString());
        Assert.Equal("task", seen.GetProperty("stream").GetProperty("kinds")[0].GetString());
        Assert.Equal("1", seen.GetProperty("stream").GetProperty("first").GetString());
        Assert.Equal(seen.GetProperty("send").GetProperty("task").GetProperty("id").GetString(), seen.GetProperty("get").GetProperty("id").GetString());
        Assert.Equal((5, "TASK_NOT_FOUND"), RefusalOf(seen, "unknown"));
        Assert.Equal((5, "AGENT_UNKNOWN"), RefusalOf(seen, "nobody"));
        Assert.Equal((16, "UNAUTHENTICATED"), (seen.GetProperty("guest").GetProperty("code").GetInt32(), "UNAUTHENTICATED"));
        Assert.Equal(9, seen.GetProperty("ended").GetProperty("code").GetInt32());
        Assert.Equal("support", seen.GetProperty("card").GetProperty("name").GetString());
        Assert.Equal("TASK_STATE_COMPLETED", seen.GetProperty("old").GetProperty("task").GetProperty("status").GetProperty("state").GetString());
        Assert.Equal("task", seen.GetProperty("oldStream").GetProperty("kinds")[0].GetString());
    }

    [Fact]
    public async Task The_verifier_accepts_the_hubs_cards_until_a_letter_changes()
    {
        await using var site = await A2aSite.StartAsync("--exec", "cat");
        await site.ShowToAllAsync();
        var card = site.Write("""{"description":"Says it again.","skills":[{"id":"echo","name":"Echo","description":"Says it again.","tags":["echo"],"examples":["hello"]}],"provider":{"organization":"Acme","url":"https://acme.example"}}""");
        var edited = await ParleyProgram.RunAsync(site.Home, "card", "edit", "--file", card);
        Assert.True(edited.ExitCode == 0, edited.Error);

        var seen = await RunAsync("a2a-card.mjs", string.Empty, $"{site.Http}/agents/local.support/.well-known/agent-card.json", $"{site.Http}/.well-known/agent-card.json");

        Assert.All(seen.EnumerateArray(), one => Assert.Equal(("good", "good", "No valid signatures found on agent card."), (Text(one, "pure"), Text(one, "blended"), Text(one, "changed"))));
    }

    private static string Text(JsonElement one, string member) => one.GetProperty(member).GetString()!;

    private static (int Code, string? Reason) RefusalOf(JsonElement seen, string name) => (seen.GetProperty(name).GetProperty("code").GetInt32(), seen.GetProperty(name).GetProperty("reason").GetString());

    private static async Task<JsonElement> RunAsync(string script, string input, params string[] arguments)
    {
        using var node = await NodeFolder.StartAsync(script, Stop, arguments);
        await node.StandardInput.WriteAsync(input);
        node.StandardInput.Close();
        var errors = node.StandardError.ReadToEndAsync(Stop);
        var output = await node.StandardOutput.ReadToEndAsync(Stop);
        await node.WaitForExitAsync(Stop);

        Assert.True(node.ExitCode == 0, await errors);
        return JsonDocument.Parse(output).RootElement;
    }
}
