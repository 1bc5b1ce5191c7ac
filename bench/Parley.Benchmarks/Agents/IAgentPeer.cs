using Parley.Benchmarks.Scenarios;
using Parley.Gateway.Client;

namespace Parley.Benchmarks.Agents;

/// <summary>A server of A2A 1.0 with one agent that answers at once with a task.</summary>
internal interface IAgentPeer : IMeasuredServer, IAsyncDisposable
{
    /// <summary>Starts server and agent.</summary>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Where the agent is, by binding.</summary>
    A2aEndpoint EndpointOf(A2aBinding binding);

    /// <summary>What every call shows; null for none.</summary>
    IA2aCredentials? Credentials { get; }
}
