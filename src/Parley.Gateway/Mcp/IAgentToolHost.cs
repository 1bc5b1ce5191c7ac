using Parley.Protocol.Errors;

namespace Parley.Gateway.Mcp;

/// <summary>Runs the tools for one session of a client.</summary>
public interface IAgentToolHost
{
    /// <summary>The tools on offer.</summary>
    IReadOnlyList<AgentTool> Tools { get; }

    /// <summary>How many messages are unread.</summary>
    int Unread { get; }

    /// <summary>Runs a tool.</summary>
    /// <param name="tool">Its name, one of <see cref="Tools"/>.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="progress">Told what happens meanwhile.</param>
    /// <param name="cancellationToken">The client does not want the result any more.</param>
    /// <exception cref="ParleyException">A refusal, which becomes a result that says so.</exception>
    Task<AgentToolAnswer> CallAsync(string tool, ToolArguments arguments, Action<string> progress, CancellationToken cancellationToken);

    /// <summary>Told of a defect: the client hears only that there was one.</summary>
    void OnDefect(Exception exception);
}
