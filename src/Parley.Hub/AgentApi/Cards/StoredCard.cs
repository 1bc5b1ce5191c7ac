using Parley.Gateway.Wire.V1;

namespace Parley.Hub.AgentApi.Cards;

/// <summary>A card that an agent uploaded, reduced to what an agent may say.</summary>
/// <param name="Card">The card; never changed.</param>
/// <param name="UpdatedAt">When it came.</param>
internal sealed record StoredCard(AgentCard Card, DateTimeOffset UpdatedAt);
