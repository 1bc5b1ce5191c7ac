using Parley.Protocol.Stun;

namespace Parley.WebRtc.Ice;

/// <summary>One address of ours with one of the peer's.</summary>
internal sealed class CandidatePair(LocalCandidate local, IceCandidate remote, IceGeneration generation)
{
    /// <summary>Ours: a host's or a relayed one.</summary>
    public LocalCandidate Local => local;

    /// <summary>The peer's.</summary>
    public IceCandidate Remote { get; set; } = remote;

    /// <summary>The credentials that its checks are signed with.</summary>
    public IceGeneration Generation => generation;

    /// <summary>The peer's address.</summary>
    public TransportAddress RemoteAddress { get; } = remote.Address;

    /// <summary>What it is worth; equal on both sides.</summary>
    public ulong Priority { get; set; }

    /// <summary>How far its check is.</summary>
    public PairState State { get; set; }

    /// <summary>Why it failed or was not needed; null while neither is known.</summary>
    public string? Reason { get; set; }

    /// <summary>The check that waits for an answer; null for none.</summary>
    public PairCheck? Check { get; set; }

    /// <summary>A check is wanted before all ordinary ones: the peer just reached us here, or it is nominated.</summary>
    public bool IsTriggered { get; set; }

    /// <summary>The next check nominates it.</summary>
    public bool IsToBeNominated { get; set; }

    /// <summary>The controlling peer wants it: it is selected once our own check has worked.</summary>
    public bool IsWantedByPeer { get; set; }

    /// <summary>A signed check of the peer came over it.</summary>
    public bool IsHeard { get; set; }

    /// <summary>Kind of our address as the peer saw it.</summary>
    public IceCandidateType MappedType { get; set; } = local.Candidate.Type;

    /// <summary>Time between the last check and its answer; null without one.</summary>
    public TimeSpan? RoundTrip { get; set; }

    /// <summary>It may still come to work.</summary>
    public bool IsLive => State is PairState.Frozen or PairState.Waiting or PairState.InProgress;

    /// <summary>Data goes through a relay of either side.</summary>
    public bool IsRelayed => Local.Relay is not null || Remote.Type == IceCandidateType.Relayed || IcePriority.IsOfRelay(Remote.Priority);

    /// <summary>Pairs of equal foundations are likely to fare alike.</summary>
    public bool HasFoundationOf(CandidatePair other) =>
        Local.Candidate.Foundation == other.Local.Candidate.Foundation && Remote.Foundation == other.Remote.Foundation;

    /// <summary>It does not work.</summary>
    public void Fail(string reason)
    {
        State = PairState.Failed;
        Reason = reason;
        Check = null;
        IsTriggered = IsToBeNominated = false;
    }
}

/// <summary>A check that was sent.</summary>
internal sealed class PairCheck(StunTransactionId transaction, IceRole role, bool isNominating, TimeSpan sentAt)
{
    /// <summary>When it is sent again; a check of consent never is.</summary>
    public StunRetry Retry;

    /// <summary>Joins it with its answer.</summary>
    public StunTransactionId Transaction => transaction;

    /// <summary>The role that it claimed.</summary>
    public IceRole Role => role;

    /// <summary>It nominates the pair.</summary>
    public bool IsNominating => isNominating;

    /// <summary>When it was sent the first time.</summary>
    public TimeSpan SentAt => sentAt;
}
