using Parley.Hub.Identity.Visitors;
using Parley.Hub.Identity.Keys;
using Microsoft.Data.Sqlite;
using Parley.Crypto;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Management;
using Parley.Protocol.Messaging;

namespace Parley.Hub.Identity;

/// <summary>Lets a new agent in: its signature must verify, its token must be good; token, agent and audit change in one commit.</summary>
internal sealed class Enrolment
{
    /// <summary>How far the agent's clock may be off. A replayed request gains nothing (it gets the first one's answer); this finds clocks that break later things.</summary>
    public static readonly TimeSpan ClockTolerance = TimeSpan.FromHours(24);

    private readonly AgentRegistry _agents;
    private readonly TimeProvider _time;
    private readonly FillRandom _fill;
    private readonly string _hubId;

    /// <summary>Enrolment at one hub.</summary>
    public Enrolment(AgentRegistry agents, HubKey hub, TimeProvider time, FillRandom fill) =>
        (_agents, _hubId, _time, _fill) = (agents, hub.Id, time, fill);

    /// <summary>Enrols an agent, or gives a reset agent its new key. Asked again by the same key with the same token it answers as before, and counts no use.</summary>
    /// <param name="request">What the agent sent.</param>
    /// <param name="hubKeyHash">SHA-256 of the key that this connection was served with; empty without TLS.</param>
    /// <param name="source">The caller's address, for the audit.</param>
    /// <param name="cancellationToken">Heeded until the write starts.</param>
    /// <exception cref="ParleyException">
    /// <see cref="ErrorCode.JoinRefused"/>, <see cref="ErrorCode.JoinLimit"/>, <see cref="ErrorCode.JoinLabels"/>, <see cref="ErrorCode.JoinAlready"/>,
    /// <see cref="ErrorCode.NameTaken"/>, <see cref="ErrorCode.NameInvalid"/>, <see cref="ErrorCode.NameReserved"/>, <see cref="ErrorCode.LinkProof"/>, <see cref="ErrorCode.InvalidArgument"/>.
    /// </exception>
    public async Task<Agent> EnrolAsync(EnrolRequest request, byte[] hubKeyHash, string source, CancellationToken cancellationToken = default)
    {
        var wish = Read(request);
        var isPinned = VerifyProof(request, wish, hubKeyHash);
        return await _agents.EnrolAsync(connection => Redeem(connection, wish, Secrets.Hash(request.Token), isPinned, source), cancellationToken);
    }

    private static Wish Read(EnrolRequest request)
    {
        var name = string.IsNullOrEmpty(request.Name) ? string.Empty : Names.CheckNew(request.Name);
        var labels = request.Labels ?? [];
        Labels.Check(labels);
        return new Wish(
            name,
            labels,
            new KeyBinding(
                Bytes(request.PublicKey, KeyBinding.KeySize),
                Bytes(request.KeyAgreement, KeyBinding.KeySize),
                Bytes(request.TlsKey, KeyBinding.KeySize),
                Bytes(request.BindingSignature, Ed25519.SignatureSize)));
    }

    private static byte[] Bytes(byte[]? value, int size) =>
        value?.Length == size ? value : throw new ParleyException(ErrorCode.InvalidArgument, "The enrolment has a key, nonce or signature of a wrong length.");

    /// <summary>Refuses a proof that does not verify.</summary>
    /// <returns>Whether it names the key that this connection was served with. A browser cannot see that key; whoever signs none may be a visitor alone.</returns>
    private bool VerifyProof(EnrolRequest request, Wish wish, byte[] hubKeyHash)
    {
        var signedAt = DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(request.SignedAt, 0, 253_402_300_799_999));
        var skew = signedAt - _time.GetUtcNow();
        if (skew.Duration() > ClockTolerance)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "This machine's clock differs from the hub's by more than a day: set it right.");
        }

        var isPinned = Verifies(hubKeyHash);
        if (!(isPinned || Verifies([])) || !Ed25519.Verify(wish.Binding.Identity.Span, wish.Binding.SignedBytes(), wish.Binding.Signature.Span))
        {
            throw Unproved();
        }

        return isPinned;

        bool Verifies(ReadOnlySpan<byte> seen) => Ed25519.Verify(
            wish.Binding.Identity.Span,
            EnrolProof.Build(_hubId, seen, EnrolProof.HashToken(request.Token), wish.Binding.Identity.Span, request.Name ?? string.Empty, Bytes(request.Nonce, EnrolProof.NonceSize), signedAt),
            request.Signature);
    }

    private static ParleyException Unproved() => new(ErrorCode.LinkProof, "The enrolment's signature does not fit its key, this hub and this connection.");

    private Agent Redeem(SqliteConnection connection, Wish wish, byte[] secretHash, bool isPinned, string source)
    {
        var now = _time.GetUtcNow();
        var token = JoinTokenStore.FindByHash(connection, secretHash);
        if (token is null || !Secrets.AreEqual(token.SecretHash, secretHash))
        {
            throw JoinToken.Refused();
        }

        if (!isPinned && token.Invite is null)
        {
            throw Unproved();
        }

        var known = AgentStore.FindByKey(connection, wish.Binding.Identity.Span);
        if (known is not null && IsAnsweredAgain(known, token, wish))
        {
            return known;
        }

        token.Check(now, AgentStore.CountOf(connection, token.Id));
        if (known is not null)
        {
            throw new ParleyException(ErrorCode.JoinAlready, "This home's key is enrolled already.");
        }

        var agent = token.AgentId is { } id ? Rekey(connection, id, wish, now) : token.Invite is { } invite ? AddVisitor(connection, token, invite, wish, now) : Add(connection, token, wish, now);
        JoinTokenStore.CountUse(connection, token.Id);
        Audit.Write(connection, now, agent.Address.ToString(), token.AgentId is null ? "agents.enrol" : "agents.rekey", agent.Address.ToString(), token.Id, source);
        return agent;
    }

    /// <summary>Whether the answer to this very enrolment was lost on its way: the home asks again, and its token may be spent by now.</summary>
    private static bool IsAnsweredAgain(Agent known, JoinToken token, Wish wish) =>
        (token.AgentId is { } id ? known.Id == id : known.TokenId == token.Id) && (wish.Name.Length == 0 || wish.Name == known.Address.Name);

    private static Agent Rekey(SqliteConnection connection, long id, Wish wish, DateTimeOffset now)
    {
        // The agent may have been removed since, or got its key by another token.
        if (AgentStore.Find(connection, id) is not { IsKeyReset: true } reset)
        {
            throw JoinToken.Refused();
        }

        if (wish.Name.Length > 0 && wish.Name != reset.Address.Name)
        {
            throw new ParleyException(ErrorCode.NameTaken, $"This join string is for the agent '{reset.Address.Name}'.");
        }

        var agent = WithKey(reset, wish.Binding) with { KeyAt = now };
        AgentStore.Update(connection, agent);
        return agent;
    }

    private Agent Add(SqliteConnection connection, JoinToken token, Wish wish, DateTimeOffset now)
    {
        var name = wish.Name.Length > 0 ? wish.Name : Secrets.MakeId("agent-", _fill);
        var address = new AgentAddress(token.Owner, name);
        if (AgentStore.Find(connection, address) is not null)
        {
            throw new ParleyException(ErrorCode.NameTaken, $"The name '{name}' is in use.");
        }

        var blank = new Agent(
            0, address, [], [], [], [], EnforcedLabels.Apply(token.Labels, wish.Labels), token.Labels, AgentVisibility.Owner, token.Id, CreatedAt: now, KeyAt: now);
        return AgentStore.Insert(connection, WithKey(blank, wish.Binding));
    }

    private static Agent AddVisitor(SqliteConnection connection, JoinToken token, Invite invite, Wish wish, DateTimeOffset now)
    {
        // The name is its host's choice; a host that is gone has no visitors.
        if ((wish.Name.Length > 0 && wish.Name != invite.Visitor) || wish.Labels.Count > 0 || AgentStore.Find(connection, invite.HostId) is null)
        {
            throw JoinToken.Refused();
        }

        var address = new AgentAddress(token.Owner, invite.Visitor);
        if (AgentStore.Find(connection, address) is not null)
        {
            throw new ParleyException(ErrorCode.NameTaken, $"The name '{invite.Visitor}' is in use.");
        }

        var blank = new Agent(0, address, [], [], [], [], token.Labels, token.Labels, AgentVisibility.Private, token.Id, CreatedAt: now, KeyAt: now) { Visit = new Visit(invite.HostId, token.ExpiresAt ?? now) };
        return AgentStore.Insert(connection, WithKey(blank, wish.Binding));
    }

    private static Agent WithKey(Agent agent, KeyBinding binding) => agent with
    {
        PublicKey = binding.Identity.ToArray(),
        KeyAgreement = binding.KeyAgreement.ToArray(),
        TlsKey = binding.Tls.ToArray(),
        BindingSignature = binding.Signature.ToArray(),
    };

    private sealed record Wish(string Name, IReadOnlyDictionary<string, string> Labels, KeyBinding Binding);
}
