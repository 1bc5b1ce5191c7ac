using Parley.Gateway.A2a;
using Parley.Gateway.Wire.V1;

namespace Parley.Gateway.Client.Discovery;

/// <summary>A card as it was fetched.</summary>
/// <param name="Card">What it says, as 1.0 has it.</param>
/// <param name="Source">Where it was.</param>
/// <param name="Version">In which version it is written.</param>
/// <param name="Json">Its text.</param>
public sealed record ResolvedCard(AgentCard Card, Uri Source, A2aVersion Version, ReadOnlyMemory<byte> Json)
{
    /// <summary>Whether it bears signatures. Those of a card of 0.3 cover a form that is not checked here.</summary>
    public bool IsSigned { get; init; }
}
