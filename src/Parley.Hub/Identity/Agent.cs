using Parley.Hub.Identity.Visitors;
using Parley.Protocol.Identity;

namespace Parley.Hub.Identity;

/// <summary>An agent that is enrolled here, as one unchangeable state: a change makes a new value.</summary>
/// <param name="Id">The row; stays the same when the agent is renamed.</param>
/// <param name="Address">Owner and name.</param>
/// <param name="PublicKey">The Ed25519 identity key, 32 bytes; empty while its key is reset, so that no signature verifies.</param>
/// <param name="KeyAgreement">The X25519 key of its binding.</param>
/// <param name="TlsKey">The TLS key of its binding.</param>
/// <param name="BindingSignature">The identity key's signature over both.</param>
/// <param name="Labels">All its labels.</param>
/// <param name="EnforcedLabels">The labels that its join token gave it; nobody but an admin changes these.</param>
/// <param name="Visibility">Who may know of it.</param>
/// <param name="TokenId">The join token that enrolled it.</param>
/// <param name="CreatedAt">When it enrolled.</param>
/// <param name="KeyAt">Since when it has this key.</param>
internal sealed record Agent(
    long Id,
    AgentAddress Address,
    byte[] PublicKey,
    byte[] KeyAgreement,
    byte[] TlsKey,
    byte[] BindingSignature,
    IReadOnlyDictionary<string, string> Labels,
    IReadOnlyDictionary<string, string> EnforcedLabels,
    AgentVisibility Visibility,
    string TokenId,
    DateTimeOffset CreatedAt,
    DateTimeOffset KeyAt)
{
    /// <summary>How long tasks of it are kept after their last change; null: as long as the hub's option says.</summary>
    public TimeSpan? TaskRetention { get; init; }

    /// <summary>Set for a visitor: of whom, and until when; null for every other agent.</summary>
    public Visit? Visit { get; init; }

    /// <summary>Whether it waits for a new key.</summary>
    public bool IsKeyReset => PublicKey.Length == 0;

    /// <summary>The agent without its keys, which waits for new ones.</summary>
    public Agent WithoutKey() => this with { PublicKey = [], KeyAgreement = [], TlsKey = [], BindingSignature = [] };
}
