using Microsoft.Extensions.Logging;
using Parley.Hub.AgentApi.Calls;
using Parley.Hub.Identity;
using Parley.Protocol.Messaging;

namespace Parley.Hub.AgentApi.Mcp;

/// <summary>The operation <c>agents.list</c>, with its own checks: JSON in and out.</summary>
internal delegate Task<byte[]> ListAgents(Principal caller, ReadOnlyMemory<byte> arguments, CancellationToken cancellationToken);

/// <summary>What the tools of a session use: the same operations as every other door.</summary>
internal sealed record McpParts(
    AgentCaller Calls, IAgentCards Cards, IAgentOperations Tasks, ListAgents ListAsync, McpSessionOptions Options, TimeProvider Time, FillRandom Random, ILogger<McpSessions> Logger);
