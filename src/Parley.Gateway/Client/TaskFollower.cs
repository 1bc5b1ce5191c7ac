using System.Runtime.CompilerServices;
using Parley.Gateway.A2a.Tasks;
using Parley.Gateway.Client.Bindings;
using Parley.Gateway.Wire.V1;
using Parley.Protocol.Errors;

namespace Parley.Gateway.Client;

/// <summary>Follows a task to the end of its turn, over streams that are cut and servers that do not stream.</summary>
/// <remarks>
/// A stream that ends before the task does is taken up again after its last event; where the server keeps none, a snapshot of the task comes first, so callers
/// must take a task event for the whole truth so far. The turn ends at a message, at a terminal state, or where the agent waits for its caller.
/// </remarks>
/// <param name="client">The agent.</param>
/// <param name="time">The clock.</param>
public sealed class TaskFollower(IA2aClient client, TimeProvider time)
{
    private const int MaxFailures = 6;

    private static readonly TimeSpan _firstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(8);

    /// <summary>Sends a message and follows what comes of it.</summary>
    /// <param name="request">The message.</param>
    /// <param name="canStream">Whether the agent's card says that it streams; without, the answer is waited for and then asked for.</param>
    /// <param name="cancellationToken">Stops following; the task goes on.</param>
    public async IAsyncEnumerable<A2aEvent> SendAsync(SendMessageRequest request, bool canStream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var seen = new Seen();
        if (canStream)
        {
            seen.StartsOpen = request.Message?.TaskId.Length > 0;
            await foreach (var one in FollowAsync(client.SendStreamingAsync(request, cancellationToken), seen, cancellationToken))
            {
                yield return one;
            }

            yield break;
        }

        var first = Of(await client.SendAsync(request, cancellationToken));
        seen.Note(first);
        yield return first;
        await foreach (var one in PollAsync(seen, cancellationToken))
        {
            yield return one;
        }
    }

    /// <summary>Follows a task that exists; its present state comes first.</summary>
    public async IAsyncEnumerable<A2aEvent> WatchAsync(string taskId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var seen = new Seen { TaskId = taskId };
        var first = await SnapshotAsync(seen, isWaiting: false, cancellationToken);
        yield return first;
        if (!seen.IsOver)
        {
            await foreach (var one in FollowAsync(client.SubscribeAsync(new SubscribeToTaskRequest { Id = taskId }, null, cancellationToken), seen, cancellationToken))
            {
                yield return one;
            }
        }
    }

    private static A2aEvent Of(SendMessageResponse response) => new(
        response.PayloadCase == SendMessageResponse.PayloadOneofCase.Message ? new StreamResponse { Message = response.Message } : new StreamResponse { Task = response.Task }, null);

    private static bool IsCut(ParleyException exception) => exception.Code is ErrorCode.AgentUnreachable or ErrorCode.Draining or ErrorCode.Unavailable;

    private static bool IsRefusedStream(ParleyException exception) => exception.Code is ErrorCode.OperationNotSupported or ErrorCode.MethodUnknown or ErrorCode.Unsupported;

    private async IAsyncEnumerable<A2aEvent> FollowAsync(IAsyncEnumerable<A2aEvent> source, Seen seen, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var failures = 0; ;)
        {
            var cut = new ParleyException(ErrorCode.AgentUnreachable, "The agent's stream ended before its task did.");
            await using (var events = source.GetAsyncEnumerator(cancellationToken))
            {
                while (true)
                {
                    try
                    {
                        if (!await events.MoveNextAsync())
                        {
                            break;
                        }
                    }
                    catch (ParleyException exception) when (seen.TaskId is not null && (IsCut(exception) || IsRefusedStream(exception)))
                    {
                        cut = exception;
                        break;
                    }

                    failures = 0;
                    seen.Note(events.Current);
                    yield return events.Current;
                    if (seen.IsOver)
                    {
                        yield break;
                    }
                }
            }

            if (seen.TaskId is null || ++failures > MaxFailures)
            {
                throw cut;
            }

            await System.Threading.Tasks.Task.Delay(Pause(failures), time, cancellationToken);
            if (await TrySnapshotAsync(seen, cancellationToken) is { } snapshot && (seen.IsOver || IsRefusedStream(cut)))
            {
                yield return snapshot;
                if (seen.IsOver)
                {
                    yield break;
                }
            }

            source = IsRefusedStream(cut) ? PollAsync(seen, cancellationToken) : client.SubscribeAsync(new SubscribeToTaskRequest { Id = seen.TaskId }, seen.EventId, cancellationToken);
        }
    }

    private async IAsyncEnumerable<A2aEvent> PollAsync(Seen seen, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var last = default(Wire.V1.TaskStatus);
        for (var round = 1; !seen.IsOver; round++)
        {
            await System.Threading.Tasks.Task.Delay(Pause(round), time, cancellationToken);
            var snapshot = await SnapshotAsync(seen, isWaiting: true, cancellationToken);
            if (seen.IsOver || !Equals(last, snapshot.Response.Task.Status))
            {
                round = last is null ? round : 1;
                last = snapshot.Response.Task.Status;
                yield return snapshot;
            }
        }
    }

    // An agent that waits for proof goes on by itself when it has it, so streams stay open; one that closed its stream then wants its caller back.
    private async Task<A2aEvent> SnapshotAsync(Seen seen, bool isWaiting, CancellationToken cancellationToken)
    {
        var task = await client.GetTaskAsync(new GetTaskRequest { Id = seen.TaskId ?? throw Failures.Empty("task id") }, cancellationToken);
        var result = new A2aEvent(new StreamResponse { Task = task }, null);
        seen.Note(result);
        seen.IsOver |= isWaiting && task.Status?.State == TaskState.AuthRequired;
        return result;
    }

    private async Task<A2aEvent?> TrySnapshotAsync(Seen seen, CancellationToken cancellationToken)
    {
        try
        {
            return await SnapshotAsync(seen, isWaiting: true, cancellationToken);
        }
        catch (ParleyException exception) when (IsCut(exception))
        {
            return null;
        }
    }

    private static TimeSpan Pause(int round) => TimeSpan.FromTicks(Math.Min(_longestPause.Ticks, _firstPause.Ticks << Math.Min(round - 1, 10)));

    /// <summary>What the events so far tell.</summary>
    private sealed class Seen
    {
        public string? TaskId { get; set; }

        public string? EventId { get; private set; }

        public bool IsOver { get; set; }

        /// <summary>Whether the first event may be the task as it was before this message answered it: still asking.</summary>
        public bool StartsOpen { get; set; }

        public void Note(A2aEvent one)
        {
            EventId = one.Id is { Length: > 0 } id ? id : EventId;
            var (task, state) = one.Response.PayloadCase switch
            {
                StreamResponse.PayloadOneofCase.Task => (one.Response.Task.Id, one.Response.Task.Status?.State),
                StreamResponse.PayloadOneofCase.StatusUpdate => (one.Response.StatusUpdate.TaskId, one.Response.StatusUpdate.Status?.State),
                StreamResponse.PayloadOneofCase.ArtifactUpdate => (one.Response.ArtifactUpdate.TaskId, null),
                _ => (string.Empty, null),
            };
            TaskId = task.Length > 0 ? task : TaskId;
            var isOldState = StartsOpen && one.Response.PayloadCase == StreamResponse.PayloadOneofCase.Task && state == TaskState.InputRequired;
            StartsOpen = false;
            IsOver = !isOldState && (one.Response.PayloadCase == StreamResponse.PayloadOneofCase.Message || (state is { } known && TaskStates.ClosesStream(known)));
        }
    }
}
