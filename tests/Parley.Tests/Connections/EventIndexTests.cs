using System.Text.Json;
using Parley.Hub.Connections.Events;
using Parley.Hub.Connections.Filters;
using Parley.Protocol.Identity;

namespace Parley.Tests.Connections;

public sealed class EventIndexTests
{
    private static readonly AgentAddress _source = AgentAddress.Parse("acme.agent-a");

    [Theory]
    [InlineData("agent-a", "workflow.complete", true)]
    [InlineData(null, "workflow.complete", true)]
    [InlineData("agent-a", "workflow.*", true)]
    [InlineData("agent-a", "*", true)]
    [InlineData("agent-b", "workflow.complete", false)]
    [InlineData("agent-a", "workflow.error", false)]
    [InlineData("agent-a", "workflow.complete.*", false)]
    public void An_event_is_found_by_source_and_type(string? agent, string pattern, bool isFound)
    {
        var index = new EventIndex<string>([(Selection("acme", agent, pattern, "{}"), "it")]);

        var found = index.Match(_source, EventType.WorkflowComplete, Json("{}"));

        Assert.Equal(isFound, found.Count == 1);
        Assert.Equal(isFound, index.IsWanted(_source, EventType.WorkflowComplete));
    }

    [Fact]
    public void Agents_of_another_owner_are_not_meant()
    {
        var index = new EventIndex<string>([(Selection("other", null, "*", "{}"), "it")]);

        Assert.Empty(index.Match(_source, EventType.WorkflowComplete, Json("{}")));
    }

    [Fact]
    public void Who_wants_an_event_in_two_ways_gets_it_once()
    {
        var selection = new EventSelection("acme", "agent-a", [EventPattern.Any, EventPattern.Parse("workflow.*"), EventPattern.Parse("workflow.complete")], EventFilter.None);

        var index = new EventIndex<string>([(selection, "it")]);

        Assert.Single(index.Match(_source, EventType.WorkflowComplete, Json("{}")));
    }

    [Fact]
    public void Of_thousands_with_an_equality_only_those_are_tried_whose_value_it_is()
    {
        var entries = Enumerable.Range(0, 10_000).Select(number => (Selection("acme", null, "*", $$$"""{"workflow_id":["step-{{{number}}}","other-{{{number}}}"],"n":1}"""), number));
        var index = new EventIndex<int>(entries);

        Assert.Equal([77], index.Match(_source, EventType.WorkflowComplete, Json("""{"workflow_id":"step-77","n":1}""")));
        Assert.Equal([78], index.Match(_source, EventType.WorkflowComplete, Json("""{"workflow_id":["x","other-78"],"n":1}""")));
        Assert.Empty(index.Match(_source, EventType.WorkflowComplete, Json("""{"workflow_id":"step-77","n":2}""")));
        Assert.Empty(index.Match(_source, EventType.WorkflowComplete, Json("""{"n":1}""")));
    }

    private static EventSelection Selection(string owner, string? agent, string pattern, string filter) =>
        new(owner, agent, [EventPattern.Parse(pattern)], FilterCompiler.Compile(Json(filter)));

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
