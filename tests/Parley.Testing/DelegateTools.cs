using System.Text.Json;
using Parley.Client.Responders;
using Parley.Client.Responders.Tools;

namespace Parley.Testing;

/// <summary>Tools that are functions of a test.</summary>
/// <param name="tools">By name; each gets its arguments.</param>
public sealed class DelegateTools(IReadOnlyDictionary<string, Func<JsonElement, CancellationToken, Task<ToolOutcome>>> tools) : IToolSource
{
    private static readonly JsonElement _schema = JsonDocument.Parse("""{"type":"object"}""").RootElement.Clone();

    /// <summary>One tool.</summary>
    public DelegateTools(string name, Func<JsonElement, CancellationToken, Task<ToolOutcome>> call)
        : this(new Dictionary<string, Func<JsonElement, CancellationToken, Task<ToolOutcome>>> { [name] = call })
    {
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ModelTool>> ListAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<ModelTool>>([.. tools.Keys.Select(name => new ModelTool(name, "A tool of a test", _schema))]);

    /// <inheritdoc/>
    public Task<ToolOutcome> CallAsync(string name, JsonElement arguments, ResponderRequest request, CancellationToken cancellationToken) => tools[name](arguments, cancellationToken);
}
