using Parley.Client.Chat;
using Parley.Client.Peering;
using Parley.Client.Transfer;

namespace Parley.Cli.PeerToPeer.Chat;

/// <summary>Where a chat is shown: to a person as lines, to a program as JSON.</summary>
internal interface IChatScreen
{
    /// <summary>The two ends met.</summary>
    void ShowSession(IPeerSession session);

    /// <summary>There is a path.</summary>
    void ShowPath(PeerPath path);

    /// <summary>There is none.</summary>
    void ShowLost(string why);

    /// <summary>The other end says something, or offers a file.</summary>
    void ShowItem(string from, ChatItem item);

    /// <summary>This end said something, which is on its way as <paramref name="waiting"/> - 1 others are.</summary>
    void ShowSent(long number, ChatOrder order, int waiting);

    /// <summary>Everything up to a number has arrived.</summary>
    void ShowDelivered(long number, int waiting);

    /// <summary>Whether the other end's user types.</summary>
    void ShowTyping(string from, bool isTyping);

    /// <summary>A file arrived at its other end.</summary>
    void ShowFile(bool isMine, long number, string name, TransferResult result);

    /// <summary>A file did not.</summary>
    void ShowFileFailed(bool isMine, long number, string name, string why);

    /// <summary>Something for the user alone.</summary>
    void ShowNote(string text);
}
