using System.Text;
using Parley.Client.PeerApi.Entries;
using Parley.Client.PeerApi.Proofs;
using Parley.Client.Responders;
using Parley.Gateway.OpenAi;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Client.PeerApi.Serving;

/// <summary>A peer's question as the responder sees it, marked with who asked. Its text is data: it changes no permission.</summary>
public static class PeerMessage
{
    /// <summary>What a sender's address begins with that came through this door; no agent of a hub can have such a one.</summary>
    public const string SenderPrefix = "peer:";

    /// <summary>Metadata: the hop budget that is left for questions that this one causes.</summary>
    public const string HopsKey = "peer_hops";

    /// <summary>Metadata: how far the peer is trusted.</summary>
    public const string TrustKey = "peer_trust";

    private const string LabelPrefix = "peer_label.";
    private const string DefaultThread = "peer";
    private const int MaxThreadLength = 128;

    /// <summary>Makes it.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="request">What.</param>
    /// <param name="self">Us: whom it is for, and the hop budget of a peer that names none.</param>
    /// <param name="id">Its id.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: there is no question. <see cref="ErrorCode.Unsupported"/>: it brings tools. <see cref="ErrorCode.PermissionDenied"/>: it owes a signature of its text.</exception>
    public static ResponderRequest Of(PeerCaller caller, ModelRequest request, PeerDirectory self, EnvelopeId id, DateTimeOffset now)
    {
        var turns = request.Turns;
        if (turns[^1].Role is not ModelRole.User || string.IsNullOrWhiteSpace(turns[^1].Text))
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "The last message must be the user's, with text.") { Field = PeerErrors.Prompt };
        }

        if (request.Tools.Length > 0)
        {
            throw new ParleyException(ErrorCode.Unsupported, "Tools of the caller are not taken here.") { Field = "tools" };
        }

        if (caller.Session is { Length: > MaxThreadLength })
        {
            throw new ParleyException(ErrorCode.InvalidArgument, $"The name of a conversation has at most {MaxThreadLength} characters.") { Field = PeerRequestHead.SessionHeader };
        }

        var text = new Body(Encoding.UTF8.GetBytes(Untagged(turns[^1].Text, caller.Peer, self, now)));
        return new ResponderRequest(id.Value, SenderPrefix + caller.Peer.Name, caller.Session ?? DefaultThread, MessageType.Text, text)
        {
            History = turns.Count > 1 ? [.. turns.SkipLast(1).Select(turn => new ResponderTurn(RoleOf(turn.Role), turn.Text))] : null,
            Meta = MetaOf(caller, self.MaxHops),
            MayUseTool = caller.Peer.MayUse,
            IsGuarded = caller.Peer.Trust < PeerEntry.Trusted,
        };
    }

    // A wrong tag of a peer that owes none is left where it stands: part of its words.
    private static string Untagged(string text, PeerEntry peer, PeerDirectory self, DateTimeOffset now)
    {
        if (peer.Profile == PeerProfile.JwtEddsa)
        {
            return text;
        }

        var state = TextTag.Check(text, peer.VerifyKey.Span, peer.Name, self.Name, now, out var signed);
        return state == TextTagState.Right || !peer.IsTextSigned ? signed
            : throw new ParleyException(ErrorCode.PermissionDenied, "This peer's messages must be signed.") { Field = state == TextTagState.Absent ? PeerErrors.TagMissing : PeerErrors.TagInvalid };
    }

    // Only what our own file says: a peer's words about itself have no place beside it.
    private static Dictionary<string, string> MetaOf(PeerCaller caller, int maxHops)
    {
        var meta = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [HopsKey] = (Math.Min(caller.Hops ?? maxHops, maxHops) - 1).ToString(),
            [TrustKey] = caller.Peer.Trust.ToString(),
        };
        foreach (var (key, value) in caller.Peer.Labels)
        {
            meta[LabelPrefix + key] = value;
        }

        return meta;
    }

    private static TurnRole RoleOf(ModelRole role) => role switch
    {
        ModelRole.System => TurnRole.System,
        ModelRole.Agent => TurnRole.Agent,
        ModelRole.Tool => TurnRole.Tool,
        _ => TurnRole.User,
    };
}
