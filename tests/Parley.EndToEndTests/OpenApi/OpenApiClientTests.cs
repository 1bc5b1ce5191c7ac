using System.Text.Json;
using Parley.EndToEndTests.Cli;
using Parley.EndToEndTests.Grpc;
using Parley.Testing;

namespace Parley.EndToEndTests.OpenApi;

/// <summary>Another's generator makes types of the hub's description; a client of the seed's examples compiles with them, and works.</summary>
public sealed class OpenApiClientTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_client_with_generated_types_compiles_and_connects_two_agents()
    {
        await using var hub = await HubProcess.StartAsync();
        using var folder = new TempFolder();
        foreach (var name in new[] { "agent-a", "agent-b" })
        {
            await ParleyProgram.RunWithInputAsync(hub.HomeOf(name), await hub.MakeJoinStringAsync(), "join", "-", "--name", name);
        }

        var key = (await File.ReadAllTextAsync(Path.Combine(hub.Data, "admin.key"), Stop)).Trim();
        using var node = await NodeFolder.StartAsync("openapi-client.mjs", Stop, hub.ReadFile("http").GetString()!, key, folder.FullPath);
        node.StandardInput.Close();
        var errors = node.StandardError.ReadToEndAsync(Stop);
        var output = await node.StandardOutput.ReadToEndAsync(Stop);

        Assert.True(output.Length > 0, await errors);
        var seen = JsonElement.Parse(output);
        Assert.True(seen.GetProperty("good").GetProperty("status").GetInt32() == 0, seen.GetProperty("good").GetProperty("output").GetString());
        Assert.NotEqual(0, seen.GetProperty("wrong").GetInt32());
        Assert.Equal("webhook local.agent-a workflow.complete", seen.GetProperty("ran").GetProperty("said").GetString());
    }
}
