using Parley.Gateway.A2a.Tasks;
using V03 = Parley.Gateway.Wire.V03;
using V1 = Parley.Gateway.Wire.V1;

namespace Parley.Gateway.A2a.Translation;

/// <summary>Messages, tasks and their events between 0.3 and 1.0. Results share the free JSON of messages and tasks with their source.</summary>
public static class TaskTranslation
{
    /// <summary>A message to 1.0.</summary>
    public static V1.Message ToV1(V03.Message message, Losses losses) => new()
    {
        MessageId = message.MessageId,
        ContextId = message.ContextId,
        TaskId = message.TaskId,
        Role = (V1.Role)message.Role,
        Parts = { message.Content.Select(part => PartTranslation.ToV1(part, losses)) },
        Metadata = message.Metadata,
        Extensions = { message.Extensions },
        ReferenceTaskIds = { message.ReferenceTaskIds },
    };

    /// <summary>A message to 0.3.</summary>
    public static V03.Message ToV03(V1.Message message, Losses losses) => new()
    {
        MessageId = message.MessageId,
        ContextId = message.ContextId,
        TaskId = message.TaskId,
        Role = (V03.Role)message.Role,
        Content = { message.Parts.Select(part => PartTranslation.ToV03(part, losses)) },
        Metadata = message.Metadata,
        Extensions = { message.Extensions },
        ReferenceTaskIds = { message.ReferenceTaskIds },
    };

    /// <summary>An artifact to 1.0.</summary>
    public static V1.Artifact ToV1(V03.Artifact artifact, Losses losses) => new()
    {
        ArtifactId = artifact.ArtifactId,
        Name = artifact.Name,
        Description = artifact.Description,
        Parts = { artifact.Parts.Select(part => PartTranslation.ToV1(part, losses)) },
        Metadata = artifact.Metadata,
        Extensions = { artifact.Extensions },
    };

    /// <summary>An artifact to 0.3.</summary>
    public static V03.Artifact ToV03(V1.Artifact artifact, Losses losses) => new()
    {
        ArtifactId = artifact.ArtifactId,
        Name = artifact.Name,
        Description = artifact.Description,
        Parts = { artifact.Parts.Select(part => PartTranslation.ToV03(part, losses)) },
        Metadata = artifact.Metadata,
        Extensions = { artifact.Extensions },
    };

    /// <summary>A task to 1.0.</summary>
    public static V1.Task ToV1(V03.Task task, Losses losses) => new()
    {
        Id = task.Id,
        ContextId = task.ContextId,
        Status = task.Status is { } status ? ToV1(status, losses) : null,
        Artifacts = { task.Artifacts.Select(artifact => ToV1(artifact, losses)) },
        History = { task.History.Select(message => ToV1(message, losses)) },
        Metadata = task.Metadata,
    };

    /// <summary>A task to 0.3.</summary>
    public static V03.Task ToV03(V1.Task task, Losses losses) => new()
    {
        Id = task.Id,
        ContextId = task.ContextId,
        Status = task.Status is { } status ? ToV03(status, losses) : null,
        Artifacts = { task.Artifacts.Select(artifact => ToV03(artifact, losses)) },
        History = { task.History.Select(message => ToV03(message, losses)) },
        Metadata = task.Metadata,
    };

    /// <summary>An event of a stream to 1.0. That it is the final one is said there by the end of the stream.</summary>
    public static V1.StreamResponse ToV1(V03.StreamResponse response, Losses losses) => response.PayloadCase switch
    {
        V03.StreamResponse.PayloadOneofCase.Task => new() { Task = ToV1(response.Task, losses) },
        V03.StreamResponse.PayloadOneofCase.Msg => new() { Message = ToV1(response.Msg, losses) },
        V03.StreamResponse.PayloadOneofCase.StatusUpdate => new() { StatusUpdate = ToV1(response.StatusUpdate, losses) },
        V03.StreamResponse.PayloadOneofCase.ArtifactUpdate => new() { ArtifactUpdate = ToV1(response.ArtifactUpdate, losses) },
        _ => new(),
    };

    /// <summary>An event of a stream to 0.3; a status that closes streams is marked as final.</summary>
    public static V03.StreamResponse ToV03(V1.StreamResponse response, Losses losses) => response.PayloadCase switch
    {
        V1.StreamResponse.PayloadOneofCase.Task => new() { Task = ToV03(response.Task, losses) },
        V1.StreamResponse.PayloadOneofCase.Message => new() { Msg = ToV03(response.Message, losses) },
        V1.StreamResponse.PayloadOneofCase.StatusUpdate => new() { StatusUpdate = ToV03(response.StatusUpdate, losses) },
        V1.StreamResponse.PayloadOneofCase.ArtifactUpdate => new() { ArtifactUpdate = ToV03(response.ArtifactUpdate, losses) },
        _ => new(),
    };

    /// <summary>The answer to a send to 1.0.</summary>
    public static V1.SendMessageResponse ToV1(V03.SendMessageResponse response, Losses losses) => response.PayloadCase switch
    {
        V03.SendMessageResponse.PayloadOneofCase.Task => new() { Task = ToV1(response.Task, losses) },
        V03.SendMessageResponse.PayloadOneofCase.Msg => new() { Message = ToV1(response.Msg, losses) },
        _ => new(),
    };

    /// <summary>The answer to a send to 0.3.</summary>
    public static V03.SendMessageResponse ToV03(V1.SendMessageResponse response, Losses losses) => response.PayloadCase switch
    {
        V1.SendMessageResponse.PayloadOneofCase.Task => new() { Task = ToV03(response.Task, losses) },
        V1.SendMessageResponse.PayloadOneofCase.Message => new() { Msg = ToV03(response.Message, losses) },
        _ => new(),
    };

    // Both versions number states and roles alike.
    private static V1.TaskStatus ToV1(V03.TaskStatus status, Losses losses) => new()
    {
        State = (V1.TaskState)status.State,
        Message = status.Update is { } message ? ToV1(message, losses) : null,
        Timestamp = status.Timestamp,
    };

    private static V03.TaskStatus ToV03(V1.TaskStatus status, Losses losses) => new()
    {
        State = (V03.TaskState)status.State,
        Update = status.Message is { } message ? ToV03(message, losses) : null,
        Timestamp = status.Timestamp,
    };

    private static V1.TaskStatusUpdateEvent ToV1(V03.TaskStatusUpdateEvent update, Losses losses) => new()
    {
        TaskId = update.TaskId,
        ContextId = update.ContextId,
        Status = update.Status is { } status ? ToV1(status, losses) : null,
        Metadata = update.Metadata,
    };

    private static V03.TaskStatusUpdateEvent ToV03(V1.TaskStatusUpdateEvent update, Losses losses) => new()
    {
        TaskId = update.TaskId,
        ContextId = update.ContextId,
        Status = update.Status is { } status ? ToV03(status, losses) : null,
        Final = TaskStates.ClosesStream(update.Status?.State ?? V1.TaskState.Unspecified),
        Metadata = update.Metadata,
    };

    private static V1.TaskArtifactUpdateEvent ToV1(V03.TaskArtifactUpdateEvent update, Losses losses) => new()
    {
        TaskId = update.TaskId,
        ContextId = update.ContextId,
        Artifact = update.Artifact is { } artifact ? ToV1(artifact, losses) : null,
        Append = update.Append,
        LastChunk = update.LastChunk,
        Metadata = update.Metadata,
    };

    private static V03.TaskArtifactUpdateEvent ToV03(V1.TaskArtifactUpdateEvent update, Losses losses) => new()
    {
        TaskId = update.TaskId,
        ContextId = update.ContextId,
        Artifact = update.Artifact is { } artifact ? ToV03(artifact, losses) : null,
        Append = update.Append,
        LastChunk = update.LastChunk,
        Metadata = update.Metadata,
    };
}
