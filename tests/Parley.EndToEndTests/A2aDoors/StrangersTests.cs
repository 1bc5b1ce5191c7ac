using System.Text.Json;
using Parley.EndToEndTests.Grpc;

namespace Parley.EndToEndTests.A2aDoors;

/// <summary>A2A's own clients, of 1.0 and of 0.3, against an agent that is a shell command behind a hub.</summary>
public sealed class StrangersTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("JSONRPC")]
    [InlineData("HTTP+JSON")]
    [InlineData("GRPC")]
    public async Task The_client_of_1_0_sends_streams_reads_lists_and_is_refused_as_it_expects(string binding)
    {
        var seen = await RunAsync("a2a-client-v1.mjs", binding);

        var send = seen.GetProperty("send");
        Assert.Equal("TASK_STATE_COMPLETED", send.GetProperty("state").GetString());
        Assert.Equal("echo: one", send.GetProperty("text").GetString());
        Assert.Equal("task", seen.GetProperty("stream").GetProperty("kinds")[0].GetString());
        Assert.Equal("echo: two", seen.GetProperty("stream").GetProperty("text").GetString());
        Assert.Equal("TASK_STATE_COMPLETED", seen.GetProperty("stream").GetProperty("state").GetString());
        Assert.Equal(1, seen.GetProperty("get").GetProperty("history").GetInt32());
        Assert.Equal("echo: one", seen.GetProperty("get").GetProperty("text").GetString());
        Assert.Equal(2, seen.GetProperty("list").GetArrayLength());
        Assert.Contains(send.GetProperty("id").GetString(), seen.GetProperty("list").EnumerateArray().Select(id => id.GetString()));
        Assert.Equal("TaskNotFoundError", seen.GetProperty("unknown").GetString());
        Assert.Equal("TaskNotCancelableError", seen.GetProperty("ended").GetString());
    }

    [Theory]
    [InlineData("JSONRPC")]
    [InlineData("HTTP+JSON")]
    [InlineData("GRPC")]
    public async Task The_client_of_0_3_sends_streams_reads_and_is_refused_as_it_expects(string binding)
    {
        var seen = await RunAsync("a2a-client-v03.mjs", binding);

        var send = seen.GetProperty("send");
        Assert.Equal("task", send.GetProperty("kind").GetString());
        Assert.Equal("completed", send.GetProperty("state").GetString());
        Assert.Equal("echo: one", send.GetProperty("text").GetString());
        Assert.Equal("task", seen.GetProperty("stream").GetProperty("kinds")[0].GetString());
        Assert.Equal("echo: two", seen.GetProperty("stream").GetProperty("text").GetString());
        Assert.Equal("completed", seen.GetProperty("stream").GetProperty("state").GetString());
        Assert.True(seen.GetProperty("stream").GetProperty("final").GetBoolean());
        Assert.Equal("echo: one", seen.GetProperty("get").GetProperty("text").GetString());
        Assert.Contains("TaskNotFound", seen.GetProperty("unknown").GetString(), StringComparison.Ordinal);
        Assert.Contains("TaskNotCancelable", seen.GetProperty("ended").GetString(), StringComparison.Ordinal);
    }

    private static async Task<JsonElement> RunAsync(string script, string binding)
    {
        await using var site = await A2aSite.StartAsync("--exec", "sed 's/^/echo: /'");
        using var node = await NodeFolder.StartAsync(script, Stop, site.Agent, binding);
        await node.StandardInput.WriteAsync(site.Key);
        node.StandardInput.Close();
        var errors = node.StandardError.ReadToEndAsync(Stop);
        var output = await node.StandardOutput.ReadToEndAsync(Stop);
        await node.WaitForExitAsync(Stop);

        Assert.True(node.ExitCode == 0, await errors);
        return JsonDocument.Parse(output).RootElement;
    }
}
