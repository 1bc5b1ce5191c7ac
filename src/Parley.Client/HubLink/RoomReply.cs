using Parley.Protocol.Wire;

namespace Parley.Client.HubLink;

/// <summary>What came back to a room call: an answer, or for a wait what it gave. One of them is set.</summary>
/// <param name="Answer">The answer.</param>
/// <param name="Event">What a wait gave, with its whole text.</param>
internal sealed record RoomReply(RoomAnswer? Answer, RoomEvent? Event)
{
    /// <summary>Which of the two; secrets and content are not printed.</summary>
    public override string ToString() => Event is null ? "RoomReply(answer)" : "RoomReply(event)";
}
