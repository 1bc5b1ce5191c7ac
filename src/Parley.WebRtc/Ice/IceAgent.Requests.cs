using Parley.Protocol.Stun;

namespace Parley.WebRtc.Ice;

/// <summary>Checks of the peer: who may, what is answered, what is learnt (RFC 8445, section 7.3).</summary>
public sealed partial class IceAgent
{
    private const int UnknownAttribute = 420;
    private const int MaxUnknown = 8;
    private const int MaxLearntPerHost = 8;

    /// <summary>What is not signed with our password is not answered at all: whoever knows it is the peer, and a wrong answer would be an answer to a stranger.</summary>
    private void OnRequest(StunMessage message, LocalCandidate local, TransportAddress remote)
    {
        if (!message.TryGet(StunAttribute.Username, out var userName) || State == IceState.Failed)
        {
            return;
        }

        var generation = _current.IsNamedBy(userName) ? _current : _previous?.IsNamedBy(userName) == true ? _previous : null;
        if (generation is null || !message.IsIntegrityValid(generation.LocalKey))
        {
            return;
        }

        Span<ushort> unknown = stackalloc ushort[MaxUnknown];
        var count = message.UnknownRequired(unknown);
        if (count > 0)
        {
            Refuse(message, local, remote, generation, UnknownAttribute, unknown[..count]);
            return;
        }

        // From before a restart: the old path stays alive until the new one works, and nothing is learnt from it.
        if (generation != _current)
        {
            Accept(message, local, remote, generation);
            return;
        }

        if (IsRoleRefused(message, local, remote) || FindOrLearn(message, local, remote) is not { } pair)
        {
            return;
        }

        Accept(message, local, remote, generation);
        OnHeard(pair, Role == IceRole.Controlled && message.Has(StunAttribute.UseCandidate));
    }

    private void OnHeard(CandidatePair pair, bool isWanted)
    {
        pair.IsHeard = true;
        if (pair == _selected)
        {
            return;
        }

        pair.IsWantedByPeer |= isWanted;
        if (pair.State == PairState.Succeeded)
        {
            if (isWanted)
            {
                Nominated(pair);
            }
        }
        else if (isWanted || !IsSettled)
        {
            Trigger(pair);
        }
    }

    /// <summary>Both sides think that they decide, or neither does: the larger number wins (RFC 8445, section 7.3.1.1).</summary>
    private bool IsRoleRefused(StunMessage message, LocalCandidate local, TransportAddress remote)
    {
        var claimed = Role == IceRole.Controlling ? StunAttribute.IceControlling : StunAttribute.IceControlled;
        if (!message.TryGetUInt64(claimed, out var tieBreaker))
        {
            return false;
        }

        if (_tieBreaker >= tieBreaker == (Role == IceRole.Controlling))
        {
            Refuse(message, local, remote, _current, RoleConflict, []);
            return true;
        }

        SwitchRole();
        return false;
    }

    /// <summary>The pair that a check came over; an address that was not signalled is a peer-reflexive candidate.</summary>
    private CandidatePair? FindOrLearn(StunMessage message, LocalCandidate local, TransportAddress remote)
    {
        if (FindPair(local, remote) is { } known)
        {
            return known;
        }

        if (_remotes.Find(candidate => candidate.Address == remote) is { } signalled)
        {
            return AddPair(local, signalled);
        }

        // Two NATs that give every answer another port would go on like this for ever, and leave no room for the relay.
        if (!message.TryGetUInt32(StunAttribute.Priority, out var priority) || _remotes.Count >= _options.MaxRemoteCandidates || CountLearnt(remote) >= MaxLearntPerHost
            || AddressPolicy.RefuseRemote(remote, _options.IsLoopbackAllowed) is not null)
        {
            return null;
        }

        var learnt = new IceCandidate { Foundation = $"p{_remotes.Count}", Priority = priority, Address = remote, Type = IceCandidateType.PeerReflexive };
        _remotes.Add(learnt);
        return AddPair(local, learnt);
    }

    private int CountLearnt(TransportAddress host)
    {
        var count = 0;
        foreach (var candidate in _remotes)
        {
            count += candidate.Type == IceCandidateType.PeerReflexive && candidate.Address.IsSameHost(host) ? 1 : 0;
        }

        return count;
    }

    private void Accept(StunMessage message, LocalCandidate local, TransportAddress remote, IceGeneration generation)
    {
        var writer = new StunWriter(stackalloc byte[StunWriter.UsualRoom], StunClass.Success, StunMethod.Binding, message.Transaction);
        writer.Add(StunAttribute.XorMappedAddress, remote);
        writer.AddIntegrity(generation.LocalKey);
        writer.AddFingerprint();
        Transmit(local, remote, writer.Written);
    }

    private void Refuse(StunMessage message, LocalCandidate local, TransportAddress remote, IceGeneration generation, int code, ReadOnlySpan<ushort> unknown)
    {
        var writer = new StunWriter(stackalloc byte[StunWriter.UsualRoom], StunClass.Error, StunMethod.Binding, message.Transaction);
        writer.AddError(code, code == RoleConflict ? "Role Conflict"u8 : "Unknown Attribute"u8);
        if (unknown.Length > 0)
        {
            writer.AddUnknown(unknown);
        }

        writer.AddIntegrity(generation.LocalKey);
        writer.AddFingerprint();
        Transmit(local, remote, writer.Written);
    }
}
