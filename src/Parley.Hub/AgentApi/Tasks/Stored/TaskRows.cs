using Parley.Gateway.A2a;
using Parley.Gateway.Wire.V1;
using Parley.Hub.Connections.Events;
using Parley.Protocol.Identity;

namespace Parley.Hub.AgentApi.Tasks.Stored;

/// <summary>A task as the store has it.</summary>
/// <param name="Id">The task's id.</param>
/// <param name="Owner">Whose it is.</param>
/// <param name="Agent">The agent.</param>
/// <param name="Number">The last event that the task has in it.</param>
/// <param name="Bytes">Bytes of all its events, where somebody goes on with it; else 0.</param>
/// <param name="Task">The task, all events applied.</param>
internal sealed record StoredTask(string Id, TaskOwner Owner, AgentAddress Agent, long Number, long Bytes, Gateway.Wire.V1.Task Task);

/// <summary>A message of a caller that an agent has in hand.</summary>
/// <param name="Place">Which message of the task it is, from 1.</param>
/// <param name="Envelope">The id of the envelope.</param>
/// <param name="Sender">Who the agent was told it comes from.</param>
/// <param name="Target">The agent, as it is called now.</param>
/// <param name="IsAccepted">The agent or its mailbox is known to have had it.</param>
/// <param name="Body">What the agent is sent.</param>
internal sealed record OpenMessage(int Place, string Envelope, AgentAddress Sender, AgentAddress Target, bool IsAccepted, byte[] Body);

/// <summary>A message as the store knows it by the caller's id.</summary>
/// <param name="TaskId">The task that it belongs to.</param>
/// <param name="Hash">What it says, hashed.</param>
internal sealed record KnownSend(string TaskId, byte[] Hash);

/// <summary>A push config, and how far its address has been told.</summary>
/// <param name="TaskId">The task.</param>
/// <param name="Number">The last event that was told, or given up.</param>
/// <param name="Version">The version of its creator, which the notifications are in.</param>
/// <param name="Config">The config.</param>
internal sealed record StoredPush(string TaskId, long Number, A2aVersion Version, TaskPushNotificationConfig Config);

/// <summary>What one commit writes of a task.</summary>
internal sealed class TaskWrite
{
    /// <summary>The task.</summary>
    public required string Id { get; init; }

    /// <summary>Its owner, agent and context, when it is new.</summary>
    public (TaskOwner Owner, string Agent, string Context)? Creation { get; init; }

    /// <summary>The number of the last of <see cref="Events"/>.</summary>
    public required long Number { get; init; }

    /// <summary>New events, in order.</summary>
    public required IReadOnlyList<StreamResponse> Events { get; init; }

    /// <summary>The task as it is after them; null when no state changed.</summary>
    public TaskSnapshot? Snapshot { get; init; }

    /// <summary>New messages.</summary>
    public IReadOnlyList<NewMessage> Messages { get; init; } = [];

    /// <summary>Messages, by their places, that the agent or its mailbox has.</summary>
    public IReadOnlyList<int> Accepted { get; init; } = [];

    /// <summary>Messages, by their places, that are answered.</summary>
    public IReadOnlyList<int> Answered { get; init; } = [];

    /// <summary>New push configs.</summary>
    public IReadOnlyList<StoredPush> Pushes { get; init; } = [];

    /// <summary>The event that tells of the task's end, written in the same commit; null when nobody wants it.</summary>
    public PreparedEvent? End { get; init; }

    /// <summary>The time, Unix milliseconds.</summary>
    public required long AtMs { get; init; }

    /// <summary>Changes of the task until here, as its writer counts them.</summary>
    public long Changes { get; init; }
}

/// <summary>A task, written down.</summary>
/// <param name="State">Its state.</param>
/// <param name="StatusAtMs">When that was told.</param>
/// <param name="IsOpen">An agent has it in hand.</param>
/// <param name="Head">The task without artifacts.</param>
/// <param name="Artifacts">A task with nothing but artifacts.</param>
internal sealed record TaskSnapshot(TaskState State, long StatusAtMs, bool IsOpen, byte[] Head, byte[] Artifacts);

/// <summary>A message that was just sent.</summary>
/// <param name="Key">Who sent it, to whom, under which id.</param>
/// <param name="Hash">What it says.</param>
/// <param name="Message">How it goes to the agent.</param>
/// <param name="IsOpen">False when it is answered already.</param>
internal sealed record NewMessage(SendKey Key, byte[] Hash, OpenMessage Message, bool IsOpen);
