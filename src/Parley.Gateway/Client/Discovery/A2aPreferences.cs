using Parley.Gateway.A2a;

namespace Parley.Gateway.Client.Discovery;

/// <summary>Which interfaces of a card a caller wants.</summary>
public sealed record A2aPreferences
{
    /// <summary>Bindings, the preferred one first, no others; empty leaves it to the card's order.</summary>
    public IReadOnlyList<A2aBinding> Bindings { get; init; } = [];

    /// <summary>Versions, the preferred one first, no others.</summary>
    /// <value>1.0, then 0.3.</value>
    public IReadOnlyList<A2aVersion> Versions { get; init; } = [A2aVersion.V1, A2aVersion.V03];
}
