namespace Parley.Gateway.OpenAi;

/// <summary>A request to a model, whichever of OpenAI's interfaces it came through. Parameters that are not named here were ignored.</summary>
/// <param name="Model">Which model.</param>
/// <param name="Turns">The conversation, oldest first; at least one.</param>
public sealed record ModelRequest(string Model, IReadOnlyList<ModelTurn> Turns)
{
    /// <summary>The answer is wanted as server-sent events.</summary>
    public bool IsStreamed { get; init; }

    /// <summary>A streamed chat completion ends with a chunk that tells the usage.</summary>
    public bool IncludesUsage { get; init; }

    /// <summary>Tools of the caller: a JSON array as chat completions write it; empty for none.</summary>
    public ReadOnlyMemory<byte> Tools { get; init; }

    /// <summary>The caller's metadata, and parameters that an agent may heed (<c>temperature</c>, <c>max_completion_tokens</c>, ...) as their JSON, texts without quotation marks.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>The caller's metadata alone, for answers that tell it again.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>Instructions that came beside the conversation, which stand in it too; null for none.</summary>
    public string? Instructions { get; init; }

    /// <summary>The caller's name for its own user; null when not told.</summary>
    public string? User { get; init; }

    /// <summary>The response that this one follows; null for none.</summary>
    public string? PreviousResponse { get; init; }

    /// <summary>Whether the response is kept: true with its text, false not at all, null when the caller did not say.</summary>
    public bool? Store { get; init; }

    /// <summary>Model and size alone: content stays out of logs.</summary>
    public override string ToString() => $"ModelRequest({Turns.Count} turns)";
}
