using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Parley.Gateway.A2a;
using Parley.Gateway.Wire.V1;
using Parley.Hub.AgentApi;
using V1 = Parley.Gateway.Wire.V1;

namespace Parley.Testing.A2a;

/// <summary>Requests and answers that say the same in 1.0 and in 0.3, so that one specification fits both.</summary>
internal static class A2aSamples
{
    /// <summary>When things happened.</summary>
    public static readonly Timestamp Time = new() { Seconds = 1_767_323_045, Nanos = 6_000_000 };

    /// <summary>One request of every operation of A2A.</summary>
    public static IReadOnlyList<(A2aOperation Operation, IMessage Request)> Requests() =>
    [
        (A2aOperation.SendMessage, Send()),
        (A2aOperation.SendStreamingMessage, Send()),
        (A2aOperation.GetTask, new GetTaskRequest { Id = "t-1" }),
        (A2aOperation.ListTasks, new ListTasksRequest()),
        (A2aOperation.CancelTask, new CancelTaskRequest { Id = "t-1" }),
        (A2aOperation.SubscribeToTask, new SubscribeToTaskRequest { Id = "t-1" }),
        (A2aOperation.CreatePushConfig, Config()),
        (A2aOperation.GetPushConfig, new GetTaskPushNotificationConfigRequest { TaskId = "t-1", Id = "p-1" }),
        (A2aOperation.ListPushConfigs, new ListTaskPushNotificationConfigsRequest { TaskId = "t-1" }),
        (A2aOperation.DeletePushConfig, new DeleteTaskPushNotificationConfigRequest { TaskId = "t-1", Id = "p-1" }),
        (A2aOperation.GetExtendedCard, new GetExtendedAgentCardRequest()),
    ];

    /// <summary>A send.</summary>
    public static SendMessageRequest Send() => new()
    {
        Message = Message(Role.User),
        Configuration = new SendMessageConfiguration { AcceptedOutputModes = { "text/plain" }, HistoryLength = 3, ReturnImmediately = true },
        Metadata = new Struct { Fields = { ["channel"] = Value.ForString("support") } },
    };

    /// <summary>A message with every kind of part.</summary>
    public static Message Message(Role role) => new()
    {
        MessageId = "m-1", ContextId = "c-1", TaskId = "t-1", Role = role,
        Parts =
        {
            new Part { Text = "héllo \"x\" \n", Metadata = new Struct { Fields = { ["n"] = Value.ForNumber(1) } } },
            new Part { Raw = ByteString.CopyFrom(0xfb, 0xff), Filename = "a.bin", MediaType = "application/octet-stream" },
            new Part { Url = "https://files.example/a.pdf", Filename = "a.pdf", MediaType = "application/pdf" },
            new Part { Data = Value.ForStruct(new Struct { Fields = { ["deep"] = Value.ForList(Value.ForBool(true), Value.ForNull()) } }) },
        },
        Extensions = { "https://extensions.example/one" },
        ReferenceTaskIds = { "t-0" },
    };

    /// <summary>A task that waits for its caller.</summary>
    public static V1.Task Task() => new()
    {
        Id = "t-1", ContextId = "c-1",
        Status = new V1.TaskStatus { State = TaskState.InputRequired, Timestamp = Time, Message = Message(Role.Agent) },
        Artifacts = { new Artifact { ArtifactId = "a-1", Name = "answer", Parts = { new Part { Text = "42" } } } },
        History = { Message(Role.User) },
        Metadata = new Struct { Fields = { ["model"] = Value.ForString("m") } },
    };

    /// <summary>A push config.</summary>
    public static TaskPushNotificationConfig Config() => new()
    {
        Id = "p-1", TaskId = "t-1", Url = "https://caller.example/hook", Token = "token", Authentication = new AuthenticationInfo { Scheme = "Bearer", Credentials = "secret" },
    };

    /// <summary>A task, a piece of its answer, and its end.</summary>
    public static async IAsyncEnumerable<TaskEvent> EventsAsync(long first)
    {
        yield return new TaskEvent(first, new StreamResponse { Task = Task() });
        await System.Threading.Tasks.Task.Yield();
        yield return new TaskEvent(first + 1, new StreamResponse
        {
            ArtifactUpdate = new TaskArtifactUpdateEvent { TaskId = "t-1", ContextId = "c-1", Artifact = new Artifact { ArtifactId = "a-1", Parts = { new Part { Text = "4" } } }, Append = true, LastChunk = true },
        });
        yield return new TaskEvent(first + 2, new StreamResponse
        {
            StatusUpdate = new TaskStatusUpdateEvent { TaskId = "t-1", ContextId = "c-1", Status = new V1.TaskStatus { State = TaskState.Completed, Timestamp = Time } },
        });
    }

    /// <summary>Many pieces of an answer.</summary>
    public static async IAsyncEnumerable<TaskEvent> ManyAsync(int count)
    {
        for (var number = 0; number < count; number++)
        {
            yield return new TaskEvent(number + 1, new StreamResponse
            {
                ArtifactUpdate = new TaskArtifactUpdateEvent { TaskId = "t-1", ContextId = "c-1", Artifact = new Artifact { ArtifactId = "a-1", Parts = { new Part { Text = number.ToString() } } }, Append = number > 0 },
            });
            if (number % 100 == 0)
            {
                await System.Threading.Tasks.Task.Yield();
            }
        }
    }

    /// <summary>A task, and then nothing until the reader goes.</summary>
    public static async IAsyncEnumerable<TaskEvent> WaitAsync(TaskCompletionSource ended, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            yield return new TaskEvent(1, new StreamResponse { Task = Task() });
            await System.Threading.Tasks.Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }
        finally
        {
            ended.TrySetResult();
        }
    }
}
