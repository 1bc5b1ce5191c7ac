using System.Runtime.CompilerServices;
using Parley.Gateway.Wire.V1;
using Parley.Hub.AgentApi;
using Parley.Testing;
using Parley.Testing.A2a;
using Task = System.Threading.Tasks.Task;

namespace Parley.HubTests.A2a;

/// <summary>Streams of events over time: silence, waiting readers, a hub that stops.</summary>
public sealed class EventStreamTests
{
    private const string Subscribe = "/agents/bob/tasks/t-1:subscribe";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Silence_is_filled_with_comments()
    {
        await using var stage = await DoorStage.StartAsync(options => options.Doors.StreamHeartbeat = TimeSpan.FromMilliseconds(100));
        var goOn = new TaskCompletionSource();
        stage.Operations.Events = (_, _, cancellationToken) => WithPauseAsync(goOn, cancellationToken);
        using var response = await stage.Http.GetAsync(Subscribe, HttpCompletionOption.ResponseHeadersRead, Stop);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Stop));

        await ReadUntilAsync(reader, ": keep-alive");
        await ReadUntilAsync(reader, ": keep-alive");
        goOn.SetResult();
        var last = await reader.ReadToEndAsync(Stop);

        Assert.Contains("id: 2\ndata: {\"statusUpdate\"", last, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_event_is_there_at_once()
    {
        await using var stage = await DoorStage.StartAsync();
        var goOn = new TaskCompletionSource();
        stage.Operations.Events = (_, _, cancellationToken) => WithPauseAsync(goOn, cancellationToken);

        using var response = await stage.Http.GetAsync(Subscribe, HttpCompletionOption.ResponseHeadersRead, Stop);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Stop));
        var first = await reader.ReadLineAsync(Stop);
        goOn.SetResult();

        Assert.Equal("id: 1", first);
    }

    [Fact]
    public async Task A_hub_that_stops_tells_those_who_follow_and_those_who_wait()
    {
        var stage = await DoorStage.StartAsync();
        var never = new TaskCompletionSource();
        stage.Operations.Events = (_, _, cancellationToken) => WithPauseAsync(never, cancellationToken);
        using var response = await stage.Http.GetAsync(Subscribe, HttpCompletionOption.ResponseHeadersRead, Stop);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Stop));
        await ReadUntilAsync(reader, "data:");

        var stopping = stage.DisposeAsync();
        var rest = await reader.ReadToEndAsync(Stop);
        await stopping;

        Assert.Contains("event: error\ndata: {\"error\":{\"code\":503,\"status\":\"UNAVAILABLE\"", rest, StringComparison.Ordinal);
        Assert.Contains("DRAINING", rest, StringComparison.Ordinal);
    }

    private static async IAsyncEnumerable<TaskEvent> WithPauseAsync(TaskCompletionSource goOn, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return new TaskEvent(1, new StreamResponse { Task = A2aSamples.Task() });
        await goOn.Task.WaitAsync(cancellationToken);
        yield return new TaskEvent(2, new StreamResponse { StatusUpdate = new TaskStatusUpdateEvent { TaskId = "t-1" } });
    }

    private static async Task ReadUntilAsync(StreamReader reader, string start)
    {
        string? line;
        do
        {
            line = await reader.ReadLineAsync(Stop).AsTask().WaitAsync(Deadline.Shared, Stop);
        }
        while (line is not null && !line.StartsWith(start, StringComparison.Ordinal));

        Assert.NotNull(line);
    }
}
