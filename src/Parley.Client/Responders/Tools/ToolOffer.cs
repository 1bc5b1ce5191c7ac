using System.Text.Json;
using Parley.Gateway.OpenAi;

namespace Parley.Client.Responders.Tools;

/// <summary>The tools of one message: the agent's own, and the sender's, which the sender runs.</summary>
internal sealed class ToolOffer
{
    private readonly Dictionary<string, IToolSource> _sources = new(StringComparer.Ordinal);
    private readonly HashSet<string> _callers = new(StringComparer.Ordinal);
    private readonly List<JsonElement> _own = [];
    private readonly List<JsonElement> _theirs = [];

    /// <summary>Whether there are tools of the agent itself.</summary>
    public bool HasOwn => _own.Count > 0;

    /// <summary>Definitions of all of them.</summary>
    public IReadOnlyList<JsonElement> All => [.. _own, .. _theirs];

    /// <summary>Definitions of the sender's.</summary>
    public IReadOnlyList<JsonElement> Theirs => _theirs;

    /// <summary>Names of the agent's own.</summary>
    public IReadOnlyCollection<string> OwnNames => _sources.Keys;

    /// <summary>Adds the sender's tools. Their names are theirs: an own tool of such a name is not on offer.</summary>
    public void AddTheirs(IEnumerable<(string Name, JsonElement Definition)> tools)
    {
        foreach (var (name, definition) in tools)
        {
            _callers.Add(name);
            _theirs.Add(definition);
        }
    }

    /// <summary>Adds a source's tools; the first of a name counts.</summary>
    public void AddOwn(IToolSource source, IEnumerable<ModelTool> tools)
    {
        foreach (var tool in tools)
        {
            if (!_callers.Contains(tool.Name) && _own.Count < ChatTools.MaxTools && _sources.TryAdd(tool.Name, source))
            {
                _own.Add(ChatTools.Define(tool.Name, tool.Description, tool.Schema));
            }
        }
    }

    /// <summary>Whether a call is the sender's to run.</summary>
    public bool IsTheirs(ToolCall call) => IsTheirs(call.Name);

    /// <summary>Whether a name is that of a tool of the sender's.</summary>
    public bool IsTheirs(string name) => _callers.Contains(name);

    /// <summary>Who runs a call; null for a name that is not on offer.</summary>
    public IToolSource? SourceOf(string name) => _sources.GetValueOrDefault(name);
}
