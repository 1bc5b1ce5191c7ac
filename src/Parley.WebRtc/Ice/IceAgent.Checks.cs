using System.Globalization;
using Parley.Protocol.Stun;
using Parley.WebRtc.Turn;

namespace Parley.WebRtc.Ice;

/// <summary>Checks of ours: which is next, what is sent, what the answer means.</summary>
public sealed partial class IceAgent
{
    private const int RoleConflict = 487;

    private readonly Queue<CandidatePair> _triggered = new();

    /// <summary>What may be begun at the next beat of the pace; at most one of the three.</summary>
    private readonly record struct Work(CandidatePair? Pair, ServerProbe? Probe, TurnClient? Relay)
    {
        public bool IsNone => Pair is null && Probe is null && Relay is null;
    }

    /// <summary>Triggered checks first, then servers, then pairs by priority; frozen ones when nothing waits (RFC 8445, section 6.1.4.2).</summary>
    private Work FindWork()
    {
        var mayCheck = _current.Remote is not null && State != IceState.Failed && CountChecks() < _options.MaxChecks;
        while (_triggered.TryPeek(out var triggered))
        {
            if (triggered.IsTriggered && mayCheck)
            {
                return new Work(triggered, null, null);
            }

            if (triggered.IsTriggered)
            {
                break;
            }

            _triggered.Dequeue();
        }

        foreach (var probe in _probes)
        {
            if (probe is { IsSent: false, IsDone: false })
            {
                return new Work(null, probe, null);
            }
        }

        foreach (var relay in _relays)
        {
            if (relay.State == TurnState.New)
            {
                return new Work(null, null, relay);
            }
        }

        return mayCheck && !IsSettled ? new Work(FindOrdinary(), null, null) : default;
    }

    private int CountChecks()
    {
        var count = 0;
        foreach (var pair in _pairs)
        {
            count += pair.Check is null ? 0 : 1;
        }

        return count;
    }

    private CandidatePair? FindOrdinary()
    {
        CandidatePair? frozen = null;
        foreach (var pair in _pairs)
        {
            if (!CanSend(pair))
            {
                continue;
            }

            if (pair.State == PairState.Waiting)
            {
                return pair;
            }

            if (frozen is null && pair.State == PairState.Frozen && !_pairs.Exists(other => other.State is PairState.Waiting or PairState.InProgress && other.HasFoundationOf(pair)))
            {
                frozen = pair;
            }
        }

        return frozen;
    }

    /// <summary>A relay passes on only what goes to peers that it was told of.</summary>
    private static bool CanSend(CandidatePair pair) => pair.Local.Relay is not { } relay || relay.IsPermitted(pair.RemoteAddress);

    private void Step()
    {
        var work = FindWork();
        if (work.IsNone)
        {
            return;
        }

        _paceAt = _now + _options.Pace;
        if (work.Probe is { } probe)
        {
            Send(probe);
        }
        else if (work.Relay is { } relay)
        {
            relay.Start(_now);
            Pump(relay);
        }
        else if (work.Pair is { } pair)
        {
            if (pair.IsTriggered)
            {
                _triggered.Dequeue();
                pair.IsTriggered = false;
            }

            BeginCheck(pair, pair.IsToBeNominated);
        }
    }

    private void Trigger(CandidatePair pair)
    {
        if (!pair.IsTriggered)
        {
            pair.IsTriggered = true;
            _triggered.Enqueue(pair);
        }
    }

    /// <summary>Sends a check; one that is under way in the same role is sent again at once, so that its late answers still count.</summary>
    private void BeginCheck(CandidatePair pair, bool isNominating)
    {
        if (pair.Check is not { } check || check.Role != Role || check.IsNominating != isNominating)
        {
            pair.Check = new PairCheck(StunTransactionId.Make(_random), Role, isNominating, _now);
        }
        else
        {
            check.Retry = default;
        }

        if (pair.State != PairState.Succeeded)
        {
            pair.State = PairState.InProgress;
            pair.Reason = null;
        }

        Send(pair, pair.Check);
        var wait = _options.Pace * _pairs.Count(other => other.State is PairState.Waiting or PairState.InProgress);
        pair.Check.Retry.Sent(_now, wait > StunRetry.FirstWait ? wait : StunRetry.FirstWait);
    }

    private void Send(CandidatePair pair, PairCheck check)
    {
        var writer = new StunWriter(stackalloc byte[StunWriter.UsualRoom], StunClass.Request, StunMethod.Binding, check.Transaction);
        writer.Add(StunAttribute.Username, pair.Generation.UserName);
        writer.Add(StunAttribute.Priority, IcePriority.OfCheck(pair.Local));
        writer.Add(check.Role == IceRole.Controlling ? StunAttribute.IceControlling : StunAttribute.IceControlled, _tieBreaker);
        if (check.IsNominating)
        {
            writer.Add(StunAttribute.UseCandidate, []);
        }

        writer.AddIntegrity(pair.Generation.RemoteKey);
        writer.AddFingerprint();
        Transmit(pair.Local, pair.RemoteAddress, writer.Written);
    }

    private void RepeatChecks()
    {
        foreach (var pair in _pairs)
        {
            if (pair.IsLive && pair.Local.Relay?.RefusalOf(pair.RemoteAddress) is { } refusal)
            {
                pair.Fail(refusal);
            }

            if (pair.Check is not { } check || (pair == _selected && !check.IsNominating))
            {
                continue;
            }

            if (check.Retry.IsSpent(_now))
            {
                pair.Fail(ReasonOfSilence(pair));
            }
            else if (check.Retry.IsDue(_now))
            {
                Send(pair, check);
                check.Retry.Sent(_now, StunRetry.FirstWait);
            }
        }
    }

    private static string ReasonOfSilence(CandidatePair pair) => pair switch
    {
        { Reason: { } known } => known,
        { State: PairState.Succeeded } => "it answered, but not when it was chosen",
        { IsHeard: true } => "the peer's checks arrive here, but it does not answer ours",
        _ => "no answer",
    };

    private TimeSpan? NextOfChecks()
    {
        TimeSpan? next = _nominateAt;
        foreach (var pair in _pairs)
        {
            if (pair.Check is { } check && (pair != _selected || check.IsNominating))
            {
                next = Earlier(next, check.Retry.NextAt);
            }
        }

        // While a check is under way after that, its own deadline is the next.
        return State == IceState.Checking && !IsSettled && _checkingSince is { } since && !(_now >= PatienceEnds(since) && IsCheckUnderWay) ? Earlier(next, PatienceEnds(since)) : next;
    }

    private void OnCheckAnswer(StunMessage message, LocalCandidate local, TransportAddress remote)
    {
        var transaction = message.Transaction;
        var consent = FindConsent(transaction);
        var pair = consent is not null || _selected?.Check?.Transaction == transaction ? _selected : _pairs.Find(one => one.Check?.Transaction == transaction);
        if (pair is null || (consent ?? pair.Check) is not { } check)
        {
            return;
        }

        // Anyone on the path may copy an answer; only the peer can sign one, and only from the address that was asked (RFC 8445, section 7.2.5.2.1).
        if (!message.IsIntegrityValid(pair.Generation.RemoteKey))
        {
            if (message.Class == StunClass.Error && message.TryGetError(out var unsigned, out _) && pair.IsLive)
            {
                pair.Reason = string.Create(CultureInfo.InvariantCulture, $"it answered {unsigned} without a signature");
            }

            return;
        }

        if (pair.Local != local || pair.RemoteAddress != remote)
        {
            pair.Reason ??= "an answer came from another address than the one asked";
            return;
        }

        if (message.Class == StunClass.Error)
        {
            OnCheckRefused(message, pair, check);
        }
        else if (message.TryGetAddress(StunAttribute.XorMappedAddress, out var mapped))
        {
            OnCheckWorked(pair, check, mapped);
        }
    }

    /// <summary>Nothing waits for this answer any more; a later check of the pair may.</summary>
    private void Answered(CandidatePair pair, PairCheck check)
    {
        _consentChecks.Remove(check);
        if (pair.Check == check)
        {
            pair.Check = null;
        }
    }

    private void OnCheckRefused(StunMessage message, CandidatePair pair, PairCheck check)
    {
        if (!message.TryGetError(out var code, out _))
        {
            return;
        }

        Answered(pair, check);
        if (code == RoleConflict)
        {
            if (check.Role == Role)
            {
                SwitchRole();
            }

            if (pair.Generation == _current)
            {
                Trigger(pair);
            }
        }
        else if (pair != _selected)
        {
            pair.Fail(string.Create(CultureInfo.InvariantCulture, $"the peer refused the check ({code})"));
            EvaluateNomination();
        }
    }

    private void SwitchRole()
    {
        Role = Role == IceRole.Controlling ? IceRole.Controlled : IceRole.Controlling;
        foreach (var pair in _pairs)
        {
            pair.IsToBeNominated = false;
            pair.Priority = PriorityOf(pair);
        }

        SortPairs();
    }

    private void OnCheckWorked(CandidatePair pair, PairCheck check, TransportAddress mapped)
    {
        Answered(pair, check);
        pair.RoundTrip = _now - check.SentAt;
        pair.State = PairState.Succeeded;
        pair.Reason = null;
        if (pair.Local.Relay is null)
        {
            pair.MappedType = _locals.Find(local => local.Candidate.Address == mapped && local.Source == pair.Local.Source)?.Candidate.Type ?? IceCandidateType.PeerReflexive;
        }

        if (pair == _selected)
        {
            Renew();
        }

        foreach (var other in _pairs)
        {
            if (other.State == PairState.Frozen && other.HasFoundationOf(pair))
            {
                other.State = PairState.Waiting;
            }
        }

        if (pair.Generation == _current)
        {
            _firstValidAt ??= _now;
            if (check.IsNominating || (pair.IsWantedByPeer && Role == IceRole.Controlled))
            {
                Nominated(pair);
            }
        }

        EvaluateNomination();
    }
}
