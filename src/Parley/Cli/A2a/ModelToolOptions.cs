using System.CommandLine;
using Microsoft.Extensions.Logging;
using Parley.Cli.Peers;
using Parley.Client.Config;
using Parley.Client.Messaging;
using Parley.Client.PeerApi.Asking;
using Parley.Client.Responders.Mcp;
using Parley.Client.Responders.Tools;
using Parley.Gateway.Mcp;
using Parley.Protocol.Errors;
using Parley.Protocol.Formats;
using Parley.Protocol.Identity;

namespace Parley.Cli.A2a;

/// <summary>The options that say what a model may use beside its own words. Without them: nothing.</summary>
internal sealed class ModelToolOptions
{
    private const string Mcp = "mcp";

    // What peer_ask waits less than its call may take, so that its own words reach the model.
    private static readonly TimeSpan _slack = TimeSpan.FromSeconds(2);
    private const string McpPrefix = "mcp:";

    private readonly Option<string?> _tools = new("--tools") { HelpName = "NAME,...", Description = "Tools of the model, with --openai: send_to_agent, peer_ask, mcp, mcp:SERVER, mcp:SERVER/TOOL [default: none]" };
    private readonly Option<string?> _mcpConfig = new("--mcp-config") { HelpName = "FILE", Description = "MCP servers, {\"mcpServers\":{NAME:{\"command\",\"args\",\"env\"}|{\"url\",\"headers\"}}}; ${NAME} stands for a variable" };
    private readonly Option<int> _maxSteps = new("--max-steps") { HelpName = "N", DefaultValueFactory = _ => ToolLimits.DefaultSteps, Description = "Times that the model is asked for one message, 1 to 100" };
    private readonly Option<string> _maxToolTime = new("--max-tool-time") { HelpName = "D", DefaultValueFactory = _ => "30s", Description = "How long one call of a tool may take, up to 30d" };
    private readonly Option<long?> _tokenBudget = new("--token-budget") { HelpName = "N", Description = "Tokens for one message after which the model is not asked again [default: no limit]" };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _tools, _mcpConfig, _maxSteps, _maxToolTime, _tokenBudget })
        {
            command.Add(option);
        }
    }

    /// <summary>Whether the model may ask other agents of the hub, for which a link is needed.</summary>
    public bool AsksAgents(ParseResult parsed) => NamesOf(parsed).Contains(AgentTools.SendToAgent);

    /// <summary>The tools that were asked for.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="context">Terminal, clock and logs.</param>
    /// <param name="self">This agent.</param>
    /// <param name="sender">Sends over this agent's link; null when no tool needs it.</param>
    /// <param name="home">Whose peers.json it is.</param>
    public ModelTools Make(ParseResult parsed, CommandContext context, AgentAddress self, Sender? sender, HomeFolder home)
    {
        var names = NamesOf(parsed);
        var limits = LimitsOf(parsed);
        if (names.FirstOrDefault(name => !IsAgentTool(name) && !IsMcp(name)) is { } unknown)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, $"--tools does not know {unknown}: it takes send_to_agent, peer_ask, mcp, mcp:SERVER and mcp:SERVER/TOOL.");
        }

        var sources = new List<IToolSource>();
        if (sender is not null)
        {
            sources.Add(new AgentTools(sender, self, limits.MaxTime));
        }

        if (names.Contains(AgentToolSchemas.PeerAsk.Name))
        {
            sources.Add(new PeerTools(PeerHome.AskTool(context, home), limits.MaxTime - (limits.MaxTime < 4 * _slack ? limits.MaxTime / 4 : _slack)));
        }

        var mcp = McpOf(parsed, context, names.Where(IsMcp).ToHashSet(StringComparer.Ordinal));
        if (mcp is not null)
        {
            sources.Add(mcp);
        }

        return new ModelTools(new ToolBox(sources, limits, context.Time, context.Loggers.CreateLogger<ToolBox>()), [.. names.Where(IsAgentTool).Order(StringComparer.Ordinal)], mcp);
    }

    private McpTools? McpOf(ParseResult parsed, CommandContext context, HashSet<string> names)
    {
        var file = parsed.GetValue(_mcpConfig);
        if (file is null != (names.Count == 0))
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "--mcp-config and mcp among --tools go together.");
        }

        if (file is null)
        {
            return null;
        }

        var entries = McpConfig.Read(ReadFile(file), context.Environment);
        foreach (var server in names.Where(name => name != Mcp).Select(name => name[McpPrefix.Length..].Split('/')[0]))
        {
            if (!entries.Any(entry => entry.Name == server))
            {
                throw new ParleyException(ErrorCode.InvalidArgument, $"The MCP configuration has no server {server}.");
            }
        }

        bool IsAllowed(string server, string tool) => names.Contains(Mcp) || names.Contains($"{McpPrefix}{server}") || names.Contains($"{McpPrefix}{server}/{tool}");
        var used = entries.Where(entry => names.Contains(Mcp) || names.Any(name => name[McpPrefix.Length..].Split('/')[0] == entry.Name));
        var options = new McpOptions(Versions.Number) { Diagnostics = bytes => context.Terminal.WriteError(bytes.Span) };
        return McpTools.Of(used, IsAllowed, options, context.Time, context.FillRandom, context.Loggers.CreateLogger<McpTools>());
    }

    private ToolLimits LimitsOf(ParseResult parsed)
    {
        var steps = parsed.GetValue(_maxSteps);
        var budget = parsed.GetValue(_tokenBudget);
        if (steps is < 1 or > 100 || budget is < 1)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "--max-steps is 1 to 100, and --token-budget is at least 1.");
        }

        return new ToolLimits { MaxSteps = steps, MaxTime = DurationText.ParseWait(parsed.GetValue(_maxToolTime)!, _maxToolTime.Name), TokenBudget = budget };
    }

    private HashSet<string> NamesOf(ParseResult parsed) =>
        (parsed.GetValue(_tools) ?? string.Empty).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal);

    private static bool IsAgentTool(string name) => name == AgentTools.SendToAgent || name == AgentToolSchemas.PeerAsk.Name;

    private static bool IsMcp(string name) => name == Mcp || (name.StartsWith(McpPrefix, StringComparison.Ordinal) && name.Length > McpPrefix.Length);

    private static byte[] ReadFile(string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, $"The MCP configuration cannot be read: {exception.Message}", exception);
        }
    }
}

/// <summary>Tools, and the servers that end with them.</summary>
/// <param name="Box">The tools.</param>
/// <param name="Names">Those that a card may tell of: by which the agent reaches other agents. What MCP servers have shows when they run.</param>
/// <param name="Servers">MCP servers; null for none.</param>
internal sealed record ModelTools(ToolBox Box, IReadOnlyList<string> Names, McpTools? Servers) : IAsyncDisposable
{
    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Servers?.DisposeAsync() ?? ValueTask.CompletedTask;
}
