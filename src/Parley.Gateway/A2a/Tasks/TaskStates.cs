using Parley.Gateway.Wire.V1;
using Parley.Protocol.Errors;

namespace Parley.Gateway.A2a.Tasks;

/// <summary>What the states of a task mean, and which may follow which.</summary>
/// <remarks>
/// SUBMITTED -> any. WORKING, INPUT_REQUIRED and AUTH_REQUIRED -> each other and every terminal state. COMPLETED, FAILED, CANCELED and REJECTED are terminal: nothing follows.
/// A state that is not terminal may be told again, with another message. Nothing goes back to SUBMITTED.
/// </remarks>
public static class TaskStates
{
    /// <summary>All states of a task.</summary>
    public static IReadOnlyList<TaskState> All { get; } = [.. Enum.GetValues<TaskState>().Where(state => state != TaskState.Unspecified)];

    /// <summary>Nothing follows this state.</summary>
    public static bool IsTerminal(TaskState state) => state is TaskState.Completed or TaskState.Failed or TaskState.Canceled or TaskState.Rejected;

    /// <summary>The task waits for its caller.</summary>
    public static bool IsInterrupted(TaskState state) => state is TaskState.InputRequired or TaskState.AuthRequired;

    /// <summary>A send that waits returns here.</summary>
    public static bool EndsWaiting(TaskState state) => IsTerminal(state) || IsInterrupted(state);

    /// <summary>A stream of the task closes here. Not at AUTH_REQUIRED: the credential comes by another road, and then the task goes on by itself.</summary>
    public static bool ClosesStream(TaskState state) => IsTerminal(state) || state == TaskState.InputRequired;

    /// <summary>Refuses what may not be done with a task in a state.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.TaskNotCancelable"/> or <see cref="ErrorCode.OperationNotSupported"/>.</exception>
    public static void Check(TaskState state, TaskOperation operation)
    {
        if (!IsTerminal(state))
        {
            return;
        }

        switch (operation)
        {
            case TaskOperation.Send:
                throw new ParleyException(ErrorCode.OperationNotSupported, "The task has ended: it takes no further message.");
            case TaskOperation.Subscribe:
                throw new ParleyException(ErrorCode.OperationNotSupported, "The task has ended: there is nothing to subscribe to.");
            case TaskOperation.Cancel:
                throw new ParleyException(ErrorCode.TaskNotCancelable, "The task has ended: it cannot be canceled.");
            default:
                break;
        }
    }

    /// <summary>Whether a task may go from one state to another.</summary>
    public static bool MayFollow(TaskState from, TaskState to) =>
        to is > TaskState.Unspecified and <= TaskState.AuthRequired && !IsTerminal(from) && (to != TaskState.Submitted || from == TaskState.Submitted);
}
