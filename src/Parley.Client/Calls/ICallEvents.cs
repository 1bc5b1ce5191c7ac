using Parley.Client.Peering;

namespace Parley.Client.Calls;

/// <summary>What a call tells the terminal that began it.</summary>
public interface ICallEvents
{
    /// <summary>The two agents have proved their keys.</summary>
    void OnSession(IPeerSession session);

    /// <summary>How the connection of the two browsers stands.</summary>
    /// <param name="state">connecting, connected, disconnected, failed.</param>
    /// <param name="path">How media travels, once it does; the page's words.</param>
    void OnState(string state, string? path);

    /// <summary>How many frames of video left and were shown, about once a second.</summary>
    void OnFrames(long sent, long received);

    /// <summary>Something for the user.</summary>
    void OnNote(string text);
}
