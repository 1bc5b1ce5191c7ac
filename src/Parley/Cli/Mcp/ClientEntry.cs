namespace Parley.Cli.Mcp;

/// <summary>How a client starts the server.</summary>
/// <param name="Command">The program.</param>
/// <param name="Arguments">Its arguments.</param>
internal sealed record ClientEntry(string Command, IReadOnlyList<string> Arguments);
