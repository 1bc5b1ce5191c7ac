using System.Net;
using Parley.Protocol.Errors;

namespace Parley.Client.Rooms;

/// <summary>What a hub's refusal means to whoever asked, in a sentence that says more than the hub's, which scripts have fixed.</summary>
internal static class RoomRefusals
{
    private const int LongestSentence = 300;

    /// <summary>The refusal behind an answer over HTTP.</summary>
    /// <param name="status">Its status.</param>
    /// <param name="wireName">The code that the hub names; null from a hub that names none.</param>
    /// <param name="sentence">The hub's own sentence.</param>
    /// <param name="retryAfter">When to try again.</param>
    public static ParleyException Of(HttpStatusCode status, string? wireName, string? sentence, TimeSpan? retryAfter)
    {
        var code = wireName is null ? FromStatus((int)status) : ErrorMap.FromWireName(wireName);
        return Of(code, sentence, retryAfter);
    }

    /// <summary>The same for a code.</summary>
    public static ParleyException Of(ErrorCode code, string? sentence, TimeSpan? retryAfter = null) =>
        new(code, SentenceOf(code) ?? Shorten(sentence) ?? "The hub refused without a word.") { RetryAfter = retryAfter };

    // Hubs of others say no more than this.
    private static ErrorCode FromStatus(int status) => status switch
    {
        400 => ErrorCode.RoomNotIn,
        401 => ErrorCode.Unauthenticated,
        403 => ErrorCode.PermissionDenied,
        404 => ErrorCode.RoomCodeSpent,
        409 => ErrorCode.RoomWaitPending,
        413 => ErrorCode.MessageTooLarge,
        429 => ErrorCode.RateLimited,
        503 => ErrorCode.Unavailable,
        >= 500 => ErrorCode.Unavailable,
        _ => ErrorCode.ProtocolViolation,
    };

    private static string? SentenceOf(ErrorCode code) => code switch
    {
        ErrorCode.RoomNotIn => "This seat is in no room any more: the room is over, or the hub was restarted.",
        ErrorCode.Unauthenticated => "This hub did not make the seat's token: it is another hub, or it lost its data.",
        ErrorCode.RoomCodeSpent => "The code is not good: it was used, it expired, or this hub never made it.",
        ErrorCode.RoomPartnerMissing => "Nobody sits on the other seat: the partner has not come yet, or has left.",
        ErrorCode.RoomAlreadyPaired => "This seat's room has its two seats taken.",
        ErrorCode.RoomWaitPending => "Another process waits for this seat's messages.",
        ErrorCode.RoomLoop => "The conversation goes round in circles: the message was dropped and the room is paused, or closed the second time. Say something new.",
        ErrorCode.PermissionDenied => "Only the room's creator and its host may set rules.",
        ErrorCode.RateLimited => "The hub takes no more of this from here for now: try again later.",
        ErrorCode.Draining => "The hub is about to stop and lets nothing new begin.",
        _ => null,
    };

    private static string? Shorten(string? sentence) =>
        string.IsNullOrWhiteSpace(sentence) ? null : sentence.Length <= LongestSentence ? sentence : sentence[..LongestSentence];
}
