namespace Parley.Client.Responders.Mcp;

/// <summary>One MCP server of a configuration: a program, or an address.</summary>
/// <param name="Name">Its name in the file.</param>
public sealed record McpServerEntry(string Name)
{
    /// <summary>The program; null for an address.</summary>
    public string? Command { get; init; }

    /// <summary>Arguments of the program.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Variables for the program, beside the short list that every child gets.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>The address; null for a program.</summary>
    public Uri? Url { get; init; }

    /// <summary>Headers of each request to the address.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>The name alone: arguments, variables and headers may hold secrets.</summary>
    public override string ToString() => $"McpServerEntry({Name})";
}
