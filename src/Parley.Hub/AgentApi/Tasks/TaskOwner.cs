using Parley.Hub.Identity;
using Parley.Protocol.Errors;

namespace Parley.Hub.AgentApi.Tasks;

/// <summary>Whose a task is: nobody else finds it. All API keys of an owner share its tasks, an agent has its own, and so has the hub's admin key.</summary>
/// <remarks>The three cannot be confused: an owner's name has no dot, an agent's address has one, and neither is a star.</remarks>
/// <param name="Text">As the store has it.</param>
internal readonly record struct TaskOwner(string Text)
{
    private const string Admin = "*";

    /// <summary>The owner that a caller acts as.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.Unauthenticated"/> for a guest: strangers would share their tasks.</exception>
    public static TaskOwner Of(Principal caller) => caller switch
    {
        { Agent: { } agent } => new TaskOwner(agent.ToString()),
        { Owner: { } owner } => new TaskOwner(owner),
        { Role: Role.Admin } => new TaskOwner(Admin),
        _ => throw new ParleyException(ErrorCode.Unauthenticated, "Tasks belong to somebody: a key is needed."),
    };
}
