using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Parley.Gateway.Wire.V1;
using Parley.Hub.Connections.Events;
using Parley.Testing;
using Parley.Testing.Tasks;
using Task = System.Threading.Tasks.Task;

namespace Parley.HubTests.Connections;

public sealed class WorkflowEventTests : IAsyncLifetime
{
    private TaskKit _kit = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _kit = await TaskKit.StartAsync();

    public ValueTask DisposeAsync() => _kit.DisposeAsync();

    [Fact]
    public async Task A_task_that_is_completed_says_so_with_its_workflow_and_its_output()
    {
        using var following = Follow();
        await _kit.EchoAsync();

        var task = await _kit.SendAsync(_kit.Message("hello", Marked));

        var (told, data) = await EventAsync("workflow.complete");
        Assert.Equal(("acme.bob", task.Id, "step-1"), (told.Source.ToString(), told.Id, told.Subject));
        Assert.Equal(("step-1", "support", "completed", "echo hello"), (Text(data, "workflow_id"), Text(data, "channel"), Text(data, "state"), Text(data, "output")));
    }

    [Fact]
    public async Task A_task_that_is_canceled_is_an_error_of_its_workflow()
    {
        using var following = Follow();
        var task = await _kit.PostAsync("later");

        await _kit.Tasks.CancelAsync(TaskKit.Acme, new CancelTaskRequest { Id = task.Id }, Stop);

        var (told, data) = await EventAsync("workflow.error");

        Assert.Equal((task.Id, "canceled"), (told.Id, Text(data, "state")));
    }

    [Fact]
    public async Task The_workflow_of_a_task_outlives_a_restart()
    {
        await _kit.SendAsync(_kit.Message("hello", request =>
        {
            Marked(request);
            request.Configuration = new SendMessageConfiguration { ReturnImmediately = true };
        }));
        await _kit.RestartAsync();
        using var following = Follow();

        await _kit.EchoAsync();

        Assert.Equal("step-1", Text((await EventAsync("workflow.complete")).Data, "workflow_id"));
    }

    [Fact]
    public async Task An_end_that_nobody_wants_to_hear_of_is_no_event()
    {
        await _kit.EchoAsync();

        await _kit.SendAsync(_kit.Message("hello", Marked));

        Assert.Equal(0, await _kit.Hub.Get<EventReader>().LastNumberAsync(Stop));
    }

    private static void Marked(SendMessageRequest request)
    {
        request.Metadata = new Struct { Fields = { ["workflow_id"] = Value.ForString("step-1") } };
        request.Message.Metadata = new Struct { Fields = { ["channel"] = Value.ForString("support") } };
    }

    private EventSeat Follow() => _kit.Hub.Get<EventAudience>().Follow(null, null, [EventPattern.Any]);

    private async Task<(StoredEvent Event, JsonElement Data)> EventAsync(string type)
    {
        IReadOnlyList<StoredEvent> found = [];
        await Deadline.UntilAsync(
            async () =>
            {
                (found, _) = await _kit.Hub.Get<EventReader>().ReadAsync(new EventQuery(null, null, [EventPattern.Parse(type)], _ => true), 0, 10, Stop);
                return found.Count > 0;
            },
            "the event is there");
        return (Assert.Single(found), JsonDocument.Parse(found[0].Data).RootElement);
    }

    private static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();
}
