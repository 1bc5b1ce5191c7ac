using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Parley.EndToEndTests.Cli;
using Parley.EndToEndTests.Responders;
using Parley.Testing;

namespace Parley.EndToEndTests.A2a;

/// <summary>Agents behind plain models that ask one another by themselves: real hub, real listeners, models that a test scripts.</summary>
public sealed class AgentAsksAgentTests
{
    [Fact]
    public async Task An_agent_asks_another_and_uses_its_answer()
    {
        await using var hub = await HubProcess.StartAsync();
        await using var agents = await RealAgents.OfAsync(hub);
        await using var modelOfA = await StandInServer.StartAsync((context, _) => AskThenSayAsync(context, "send_to_agent", "agent_id", "agent-b", "What is the total?"));
        await using var modelOfB = await StandInServer.StartAsync((context, _) => StandInServer.EventsAsync(context, Delta("It is 1234."), "[DONE]"));
        await ListenAsync(agents, "agent-a", modelOfA, "send_to_agent");
        await ListenAsync(agents, "agent-b", modelOfB, "send_to_agent");
        await agents.EnrolAsync("person");

        var sent = await ParleyProgram.RunAsync(hub.HomeOf("person"), "a2a", "send", "agent-a", "Please find out.");

        Assert.Equal((0, "The answer says: It is 1234."), (sent.ExitCode, sent.Output.Trim()));
        Assert.Contains("Message from the agent local.agent-a (text):\\n\\nWhat is the total?", modelOfB.Requests.Single());
        Assert.Contains("written by the agent local.agent-b", modelOfA.Requests[1]);
    }

    [Fact]
    public async Task An_agent_that_is_offline_or_unknown_is_an_error_for_the_model()
    {
        await using var hub = await HubProcess.StartAsync();
        await using var agents = await RealAgents.OfAsync(hub);
        await using var model = await StandInServer.StartAsync((context, number) => AskThenSayAsync(context, "send_to_agent", "agent_id", number < 3 ? "agent-b" : "nobody", "Hello?"));
        await ListenAsync(agents, "agent-a", model, "send_to_agent");
        await agents.EnrolAsync("agent-b");
        await agents.EnrolAsync("person");

        var offline = await ParleyProgram.RunAsync(hub.HomeOf("person"), "a2a", "send", "agent-a", "Ask b.");
        var unknown = await ParleyProgram.RunAsync(hub.HomeOf("person"), "a2a", "send", "agent-a", "Ask nobody.");

        Assert.All([offline, unknown], sent => Assert.Contains("The answer says: ", sent.Output));
        Assert.Contains("The call of send_to_agent failed.", model.Requests[1]);
        Assert.Contains("The call of send_to_agent failed.", model.Requests[3]);
    }

    [Fact]
    public async Task A_chain_of_agents_that_ask_one_another_ends_at_the_hop_limit()
    {
        await using var hub = await HubProcess.StartAsync();
        await using var agents = await RealAgents.OfAsync(hub);
        await using var modelOfA = await StandInServer.StartAsync((context, _) => AskThenSayAsync(context, "send_to_agent", "agent_id", "agent-b", "And you?"));
        await using var modelOfB = await StandInServer.StartAsync((context, _) => AskThenSayAsync(context, "send_to_agent", "agent_id", "agent-a", "And you?"));
        await ListenAsync(agents, "agent-a", modelOfA, "send_to_agent");
        await ListenAsync(agents, "agent-b", modelOfB, "send_to_agent");
        await agents.EnrolAsync("person");

        var sent = await ParleyProgram.RunAsync(hub.HomeOf("person"), "a2a", "send", "agent-a", "Begin.");

        Assert.Equal(0, sent.ExitCode);
        Assert.StartsWith("The answer says: The answer says: ", sent.Output);
        var asked = modelOfA.Requests.Concat(modelOfB.Requests).Count(request => !request.Contains("\"role\":\"tool\"", StringComparison.Ordinal));
        Assert.Equal(8, asked);
        Assert.Contains(modelOfA.Requests.Concat(modelOfB.Requests), request => request.Contains("chain of messages", StringComparison.Ordinal));
    }

    private static async Task ListenAsync(RealAgents agents, string name, StandInServer model, string tools)
    {
        await agents.EnrolAsync(name);
        await agents.ListenAsync(name, "--openai", new Uri(model.Url, "v1").ToString(), "--model", "m", "--tools", tools, "--concurrency", "16");
    }

    // First a call of the tool, then what it returned, without the line that marks it.
    private static async Task AskThenSayAsync(HttpContext context, string tool, string argument, string target, string message)
    {
        var last = context.Items["body"] is string body ? JsonDocument.Parse(body).RootElement.GetProperty("messages").EnumerateArray().Last() : default;
        if (last.GetProperty("role").GetString() == "tool")
        {
            await StandInServer.EventsAsync(context, Delta($"The answer says: {last.GetProperty("content").GetString()!.Split("\n\n", 2)[1]}"), "[DONE]");
            return;
        }

        var arguments = JsonSerializer.Serialize(new Dictionary<string, string> { [argument] = target, ["message"] = message });
        await StandInServer.EventsAsync(
            context,
            $$$"""{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"{{{tool}}}","arguments":{{{JsonSerializer.Serialize(arguments)}}}}}]}}]}""",
            "[DONE]");
    }

    private static string Delta(string text) => $$$"""{"choices":[{"index":0,"delta":{"content":{{{JsonSerializer.Serialize(text)}}}}}]}""";
}
