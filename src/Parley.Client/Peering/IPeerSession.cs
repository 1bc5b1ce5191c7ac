using Parley.Protocol.Identity;

namespace Parley.Client.Peering;

/// <summary>
/// Two agents that have proved their identity keys to each other for one purpose. Bytes travel on a <see cref="PeerPath"/>, of which a session may need several, one after
/// the other: what is sent must be able to go on where the last path broke. Disposing of it tells the other end.
/// </summary>
public interface IPeerSession : IAsyncDisposable
{
    /// <summary>Names the session at both ends; 26 characters, no secret.</summary>
    string Id { get; }

    /// <summary>The other agent, as its key proved it.</summary>
    AgentAddress Remote { get; }

    /// <summary>What for.</summary>
    PeerPurpose Purpose { get; }

    /// <summary>Whether this end opened the session.</summary>
    bool IsOpener { get; }

    /// <summary>How the other agent's key is known.</summary>
    PeerTrust Trust { get; }

    /// <summary>Words that both ends show when nobody sits between them; people compare them over another channel.</summary>
    string Phrase { get; }

    /// <summary>
    /// Opens the best path that the two machines find, trying all that <paramref name="allowed"/> names side by side. Both ends call it for each path: the other end's call is
    /// waited for. A path opened before is closed.
    /// </summary>
    /// <param name="allowed">The kinds to try; at least one.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="Protocol.Errors.ParleyException">
    /// The other end is gone or refused; no path was found, with what each came to; or a key or fingerprint is not the one that was proved.
    /// </exception>
    Task<PeerPath> ConnectAsync(IReadOnlyCollection<PathKind> allowed, CancellationToken cancellationToken);
}
