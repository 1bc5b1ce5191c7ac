using Microsoft.Extensions.Logging;
using Parley.Hub.AgentApi.Calls;
using Parley.Hub.Management;
using Parley.Protocol.Messaging;

namespace Parley.Hub.AgentApi.Mcp;

/// <summary>What the tools of a session use: the same operations as every other door.</summary>
internal sealed record McpParts(
    AgentCaller Calls, IAgentCards Cards, IAgentOperations Tasks, Operations Operations, McpSessionOptions Options, TimeProvider Time, FillRandom Random, ILogger<McpSessions> Logger);
