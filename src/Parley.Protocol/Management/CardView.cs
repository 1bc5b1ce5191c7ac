using System.Text.Json;

namespace Parley.Protocol.Management;

/// <summary>Arguments of operations on an agent's card.</summary>
/// <param name="Agent">Name or address; absent: the calling agent.</param>
/// <param name="Card">For <c>card.put</c>: the card, as A2A writes it.</param>
public sealed record CardArguments(string? Agent = null, JsonElement? Card = null);

/// <summary>An agent's card, as the hub serves it.</summary>
/// <param name="Agent">Canonical address.</param>
/// <param name="Visibility">Who may know of the agent.</param>
/// <param name="Source">Who wrote it: <c>agent</c>, or <c>hub</c> for one that the hub made.</param>
/// <param name="IsSigned">Whether the hub signed it; one with text beyond ASCII it does not.</param>
/// <param name="Card">The card in the form of A2A 1.0.</param>
/// <param name="UpdatedAt">When the agent's words came; null for a card that the hub made.</param>
/// <param name="Said">What the agent said of itself, to edit; null for a card that the hub made.</param>
/// <param name="Ignored">From <c>card.put</c>: members that are the hub's, and were left out.</param>
public sealed record CardView(
    string Agent,
    string Visibility,
    string Source,
    bool IsSigned,
    JsonElement Card,
    DateTimeOffset? UpdatedAt = null,
    JsonElement? Said = null,
    IReadOnlyList<string>? Ignored = null);
