using Microsoft.Extensions.Logging;
using Parley.Hub.AgentApi.Calls;
using Parley.Hub.Identity;
using Parley.Protocol.Messaging;

namespace Parley.Hub.AgentApi.Mcp;

/// <summary>An operation of the hub, with its own checks: JSON in and out.</summary>
/// <param name="caller">Who calls.</param>
/// <param name="operation">Its name, <c>agents.list</c>.</param>
/// <param name="arguments">Its arguments.</param>
/// <param name="cancellationToken">Withdraws the call.</param>
internal delegate Task<byte[]> CallOperation(Principal caller, string operation, ReadOnlyMemory<byte> arguments, CancellationToken cancellationToken);

/// <summary>What the tools of a session use: the same operations as every other door.</summary>
internal sealed record McpParts(
    AgentCaller Calls, IAgentCards Cards, IAgentOperations Tasks, CallOperation CallAsync, McpSessionOptions Options, TimeProvider Time, FillRandom Random, ILogger<McpSessions> Logger);
