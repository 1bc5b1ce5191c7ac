using Parley.Gateway.Wire.V1;

namespace Parley.Gateway.Client;

/// <summary>One event of a stream.</summary>
/// <param name="Response">What happened.</param>
/// <param name="Id">The server's id of the event, from which a stream may be resumed; null where it gives none.</param>
public sealed record A2aEvent(StreamResponse Response, string? Id);
