using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Parley.Protocol.Identity;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Client.Messaging;

/// <summary>Makes the envelopes that a client sends; the hub fills in who sent them.</summary>
public static class EnvelopeFactory
{
    /// <summary>One for each thread: making it costs more than such a short hash.</summary>
    [ThreadStatic]
    private static IncrementalHash? _sha256;

    /// <summary>A request.</summary>
    public static Envelope Request(SendRequest request, string target, EnvelopeId id) => new()
    {
        Id = id.Value,
        To = target,
        Kind = EnvelopeKind.Request,
        Type = request.Type,
        Thread = request.Thread ?? string.Empty,
        TtlMs = (ulong)(request.TimeToLive?.TotalMilliseconds ?? 0),
        OnlineOnly = request.IsOnlineOnly,
        WantsReply = request.Waits,
        Cause = request.Cause ?? string.Empty,
        Body = request.Message.ToByteString(),
    };

    /// <summary>The final answer to a request. Its id follows from the request's, so that it stays the same however often it is sent.</summary>
    /// <remarks>Who answers days later has nothing of the request but its sender and id; the hub may have forgotten it by then, and is asked to look.</remarks>
    public static Envelope Reply(Envelope request, Reply reply) => new()
    {
        Id = ReplyId(request.From, request.Id),
        To = request.From,
        Kind = EnvelopeKind.Reply,
        Correlation = request.Id,
        Thread = request.Thread,
        Type = reply.Type,
        TtlMs = KeepMs(request),
        Resend = request.AcceptedAtMs == 0,
        Body = reply.ToByteString(),
    };

    /// <summary>Output of a request as it is produced.</summary>
    public static Envelope Part(Envelope request, Part part, EnvelopeId id) => new()
    {
        Id = id.Value,
        To = request.From,
        Kind = EnvelopeKind.Part,
        Correlation = request.Id,
        Body = part.ToByteString(),
    };

    /// <summary>The wish that work on a request stops.</summary>
    public static Envelope Cancel(string requestId, string target, EnvelopeId id) => new()
    {
        Id = id.Value,
        To = target,
        Kind = EnvelopeKind.Cancel,
        Correlation = requestId,
    };

    /// <summary>A request's time to live may be no longer than its sender's wait, and an answer that comes after that is fetched later: 0 is the hub's own time, unless the request has longer.</summary>
    private static ulong KeepMs(Envelope request) => request.TtlMs > MessagingLimits.DefaultTimeToLive.TotalMilliseconds ? request.TtlMs : 0;

    private static string ReplyId(string requester, string requestId)
    {
        // Two requesters may have chosen the same id; the reply ids of one agent must differ all the same.
        Span<byte> text = stackalloc byte[AgentAddress.MaxLength + 1 + EnvelopeId.MaxLength];
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        var length = Encoding.UTF8.GetBytes(requester, text);
        text[length++] = (byte)'\n';
        length += Encoding.UTF8.GetBytes(requestId, text[length..]);
        _sha256 ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        _sha256.AppendData(text[..length]);
        _sha256.GetHashAndReset(digest);
        return "r-" + Convert.ToHexStringLower(digest[..15]);
    }
}
