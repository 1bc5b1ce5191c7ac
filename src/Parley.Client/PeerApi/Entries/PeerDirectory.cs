using Parley.Crypto;
using Parley.Protocol.Errors;

namespace Parley.Client.PeerApi.Entries;

/// <summary>One state of <c>peers.json</c>: who we are, whom we know, and what was wrong with the rest.</summary>
/// <param name="Name">Our own name, which peers know us by.</param>
/// <param name="SigningKey">Our key; null when the file has none that can be read.</param>
/// <param name="Peers">The peers whose entries are sound, by name.</param>
/// <param name="Problems">A sentence for each thing that was skipped; no secrets.</param>
public sealed record PeerDirectory(string Name, Ed25519Key? SigningKey, IReadOnlyDictionary<string, PeerEntry> Peers, IReadOnlyList<string> Problems)
{
    /// <summary>Hop budget of a question that a user asks. <value>Default 12.</value></summary>
    public const int DefaultMaxHops = 12;

    /// <summary>How long an answer may take. <value>Default 60 s.</value></summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Nobody: what a missing file says.</summary>
    public static PeerDirectory Empty { get; } = new("default", null, new Dictionary<string, PeerEntry>(), []);

    /// <summary>Most hops that a question of ours may take, 1 to 255.</summary>
    public int MaxHops { get; init; } = DefaultMaxHops;

    /// <summary>How long we wait for an answer.</summary>
    public TimeSpan Timeout { get; init; } = DefaultTimeout;

    /// <summary>The peer of this name, for a question to it; in another case too, where only one is meant.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.PeerUnknown"/>, naming those that there are; <see cref="ErrorCode.InvalidArgument"/>: it is us.</exception>
    public PeerEntry Get(string name)
    {
        if (name != Name && Peers.TryGetValue(name, out var peer))
        {
            return peer;
        }

        if (string.Equals(name, Name, StringComparison.OrdinalIgnoreCase))
        {
            throw new ParleyException(ErrorCode.InvalidArgument, $"You are '{Name}', this agent itself: name another one.");
        }

        var alike = Peers.Values.Where(one => string.Equals(one.Name, name, StringComparison.OrdinalIgnoreCase)).ToList();
        var known = Peers.Count == 0 ? "(none)" : string.Join(", ", Peers.Keys.Order(StringComparer.Ordinal));
        return alike.Count == 1 ? alike[0] : throw new ParleyException(ErrorCode.PeerUnknown, $"Unknown peer '{name}'. Available: {known}");
    }
}
