using System.Text.Json;

namespace Parley.Client.Responders.Tools;

/// <summary>Where tools for a model come from: this agent's hub, MCP servers.</summary>
public interface IToolSource
{
    /// <summary>The tools that are to be had now. A source that is down has none.</summary>
    ValueTask<IReadOnlyList<ModelTool>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Calls one of them.</summary>
    /// <param name="name">Its name, as listed.</param>
    /// <param name="arguments">An object, as the model wrote it.</param>
    /// <param name="request">The message that the model works on.</param>
    /// <param name="cancellationToken">The time is up, or nobody wants the answer any more.</param>
    /// <exception cref="Parley.Protocol.Errors.ParleyException">Instead of an outcome that is an error.</exception>
    Task<ToolOutcome> CallAsync(string name, JsonElement arguments, ResponderRequest request, CancellationToken cancellationToken);
}

/// <summary>A tool on offer.</summary>
/// <param name="Name">At most 64 of <c>a-z A-Z 0-9 _ -</c>.</param>
/// <param name="Description">For the model.</param>
/// <param name="Schema">JSON Schema of the arguments, an object.</param>
public sealed record ModelTool(string Name, string Description, JsonElement Schema);

/// <summary>What a call came to. Errors go back to the model, which may try something else.</summary>
/// <param name="Text">The result, somebody else's words.</param>
/// <param name="IsError">It failed.</param>
/// <param name="Author">Whose words they are, for the model; null when they are Parley's own.</param>
public sealed record ToolOutcome(string Text, bool IsError = false, string? Author = null)
{
    /// <summary>The size alone: content stays out of logs.</summary>
    public override string ToString() => $"ToolOutcome({Text.Length} characters)";
}
