using System.Text;
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
    /// <param name="maxHops">Hop budget of a peer that names none.</param>
    /// <param name="id">Its id.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: there is no question.</exception>
    public static ResponderRequest Of(PeerCaller caller, ModelRequest request, int maxHops, EnvelopeId id)
    {
        var turns = request.Turns;
        if (turns[^1].Role is not ModelRole.User || string.IsNullOrWhiteSpace(turns[^1].Text))
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "The last message must be the user's, with text.") { Field = PeerErrors.Prompt };
        }

        if (caller.Session is { Length: > MaxThreadLength })
        {
            throw new ParleyException(ErrorCode.InvalidArgument, $"The name of a conversation has at most {MaxThreadLength} characters.") { Field = PeerRequestHead.SessionHeader };
        }

        var text = new Body(Encoding.UTF8.GetBytes(turns[^1].Text));
        return new ResponderRequest(id.Value, SenderPrefix + caller.Peer.Name, caller.Session ?? DefaultThread, MessageType.Text, text)
        {
            History = turns.Count > 1 ? [.. turns.SkipLast(1).Select(turn => new ResponderTurn(RoleOf(turn.Role), turn.Text))] : null,
            Meta = MetaOf(caller, maxHops),
        };
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
