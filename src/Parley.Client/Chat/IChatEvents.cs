using Parley.Client.Peering;
using Parley.Protocol.Errors;

namespace Parley.Client.Chat;

/// <summary>What a chat tells whoever shows it, one after another. What comes from the other end is its words: whoever shows them makes them harmless.</summary>
public interface IChatEvents
{
    /// <summary>The two ends have proved their keys; said again when they meet again.</summary>
    void OnSession(IPeerSession session);

    /// <summary>The other end's program was started anew, and numbers from 1 again: what it offered before is offered no more.</summary>
    void OnStartedAnew();

    /// <summary>There is a path: what was said leaves now.</summary>
    void OnPath(PeerPath path);

    /// <summary>There is none for now; what is said meanwhile leaves on the next.</summary>
    /// <param name="refusal">Why the session went; null when only its path did.</param>
    void OnLost(ParleyException? refusal);

    /// <summary>The other end says something; once each.</summary>
    void OnItem(ChatItem item);

    /// <summary>The other end has everything up to a number.</summary>
    void OnReceived(long number);

    /// <summary>Whether the other end's user types.</summary>
    void OnTyping(bool isTyping);
}
