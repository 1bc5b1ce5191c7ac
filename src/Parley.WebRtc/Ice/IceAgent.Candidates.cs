using System.Net;
using Parley.Protocol.Errors;
using Parley.Protocol.Stun;

namespace Parley.WebRtc.Ice;

/// <summary>What the peer signalled, and the pairs that come of it.</summary>
public sealed partial class IceAgent
{
    private const int MaxNames = 16;

    private readonly List<IceCandidate> _remotes = [];
    private readonly HashSet<IceCandidate> _resolving = [];
    private readonly List<CandidatePair> _pairs = [];
    private bool _isRemoteDone;

    /// <summary>The peer's credentials became known. Other ones than before are its restart, which makes us restart too.</summary>
    /// <returns>It was a restart: our new credentials and candidates have to be signalled.</returns>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: too short, too long, or strange letters.</exception>
    public bool SetRemote(IceCredentials credentials, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(credentials);
        _now = now;
        if (!credentials.IsValid)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "The peer's ICE credentials are not as RFC 8445 wants them.");
        }

        if (_current.Remote == credentials || State == IceState.Closed)
        {
            return false;
        }

        // Already restarted by ourselves, and this is the peer's answer to it, or the peer begins.
        var isRestart = _current.Remote is not null;
        if (isRestart)
        {
            Restart(now);
        }

        _current.SetRemote(credentials);
        BeginChecking();
        return isRestart;
    }

    /// <summary>A candidate of the peer.</summary>
    public void AddRemoteCandidate(IceCandidate candidate, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(candidate);
        _now = now;
        if (candidate.HostName is not null)
        {
            if (_remotes.Count < _options.MaxRemoteCandidates && _resolving.Count < MaxNames && _resolving.Add(candidate))
            {
                _events.Enqueue(new IceEvent(IceEventKind.ResolveName, Candidate: candidate));
            }

            return;
        }

        if (AddressPolicy.RefuseRemote(candidate.Address, _options.IsLoopbackAllowed) is { } reason)
        {
            Skip(candidate.Address.ToString(), reason);
            return;
        }

        AddRemote(candidate);
    }

    /// <summary>What became of a name that <see cref="IceEventKind.ResolveName"/> asked for.</summary>
    /// <param name="candidate">The candidate of the event.</param>
    /// <param name="address">Its address; null when there is none.</param>
    /// <param name="reason">Why there is none.</param>
    /// <param name="now">The time.</param>
    public void Resolved(IceCandidate candidate, IPAddress? address, string? reason, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(candidate);
        _now = now;
        if (!_resolving.Remove(candidate))
        {
            return;
        }

        if (address is null)
        {
            Skip(candidate.HostName ?? string.Empty, reason ?? "the name has no address");
            return;
        }

        AddRemoteCandidate(candidate with { Address = TransportAddress.From(address, candidate.NamePort), HostName = null, NamePort = 0 }, now);
    }

    /// <summary>The peer has no more candidates.</summary>
    public void EndOfRemoteCandidates(TimeSpan now)
    {
        _now = now;
        _isRemoteDone = true;
        EvaluateNomination();
    }

    private void AddRemote(IceCandidate candidate)
    {
        var known = _remotes.FindIndex(remote => remote.Address == candidate.Address);
        if (known >= 0)
        {
            NameKind(known, candidate);
            return;
        }

        if (_remotes.Count >= _options.MaxRemoteCandidates)
        {
            Skip(candidate.Address.ToString(), "the peer has too many candidates");
            return;
        }

        _remotes.Add(candidate);
        foreach (var local in _locals)
        {
            if (local.IsBase)
            {
                AddPair(local, candidate);
            }
        }

        BeginChecking();
    }

    /// <summary>Signalled after its check came: now its true kind is known.</summary>
    private void NameKind(int known, IceCandidate candidate)
    {
        if (_remotes[known].Type != IceCandidateType.PeerReflexive || candidate.Type == IceCandidateType.PeerReflexive)
        {
            return;
        }

        _remotes[known] = candidate;
        foreach (var local in _locals)
        {
            if (local.IsBase && FindPair(local, candidate.Address) is null)
            {
                AddPair(local, candidate);
            }
        }

        foreach (var pair in _pairs.Where(pair => pair.RemoteAddress == candidate.Address))
        {
            pair.Remote = candidate;
            pair.Priority = PriorityOf(pair);
        }

        SortPairs();
        Describe();
    }

    private CandidatePair? AddPair(LocalCandidate local, IceCandidate remote)
    {
        if (!AddressPolicy.CanPair(local.Candidate.Address, remote.Address) || local.Candidate.Address == remote.Address || FindPair(local, remote.Address) is not null)
        {
            return null;
        }

        var pair = new CandidatePair(local, remote, _current);
        pair.Priority = PriorityOf(pair);
        if (_pairs.Count >= _options.MaxPairs && !DropWorst(pair))
        {
            return null;
        }

        var same = _pairs.Where(other => other.HasFoundationOf(pair)).ToList();
        pair.State = same.Exists(other => other.State == PairState.Succeeded) || !same.Exists(other => other.IsLive) ? PairState.Waiting : PairState.Frozen;
        pair.Reason = IsSettled ? NotNeeded : null;
        _pairs.Add(pair);
        SortPairs();
        if (local.Relay is { } relay)
        {
            // Let in all the same: should the peer be heard from there, its check triggers ours.
            if (AddressPolicy.RefuseThroughRelay(local.Candidate.Address, remote.Address) is { } reason)
            {
                pair.Fail(reason);
            }

            relay.Permit(remote.Address, false, _now);
            Pump(relay);
        }

        return pair;
    }

    /// <summary>Makes room for a better pair.</summary>
    private bool DropWorst(CandidatePair better)
    {
        for (var index = _pairs.Count - 1; index >= 0; index--)
        {
            if (_pairs[index] is { State: PairState.Frozen or PairState.Waiting or PairState.Failed } pair && pair.Priority < better.Priority)
            {
                pair.IsTriggered = false;
                _pairs.RemoveAt(index);
                return true;
            }
        }

        return false;
    }

    private ulong PriorityOf(CandidatePair pair) => Role == IceRole.Controlling
        ? IcePriority.OfPair(pair.Local.Candidate.Priority, pair.Remote.Priority)
        : IcePriority.OfPair(pair.Remote.Priority, pair.Local.Candidate.Priority);

    private void SortPairs() => _pairs.Sort((one, other) => other.Priority.CompareTo(one.Priority));

    private CandidatePair? FindPair(LocalCandidate local, TransportAddress remote)
    {
        foreach (var pair in _pairs)
        {
            if (pair.Local == local && pair.RemoteAddress == remote)
            {
                return pair;
            }
        }

        return null;
    }

    private void BeginChecking()
    {
        if (_current.Remote is not null && _checkingSince is null && State is IceState.New or IceState.Checking)
        {
            _checkingSince = _now;
            SetState(IceState.Checking);
        }
    }
}
