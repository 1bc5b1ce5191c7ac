using Parley.Protocol.Stun;

namespace Parley.WebRtc.Ice;

/// <summary>Which pair is used, whether it still answers, and when nothing works.</summary>
public sealed partial class IceAgent
{
    private const string NotNeeded = "not needed: another pair was chosen";

    /// <summary>Checks of consent that may wait for an answer; a longer timeout, or a shorter interval, lets go of the oldest.</summary>
    private const int MaxConsentChecks = 16;

    // Of the selected pair, oldest first. The round trip may be longer than the time between two of them: an answer to any renews consent (RFC 7675, section 5.1).
    private readonly List<PairCheck> _consentChecks = [];
    private CandidatePair? _selected;
    private TimeSpan? _checkingSince;
    private TimeSpan? _firstValidAt;
    private TimeSpan? _nominateAt;
    private TimeSpan _consentAt;
    private TimeSpan _answeredAt;

    /// <summary>A pair of this generation is selected.</summary>
    private bool IsSettled => _selected?.Generation == _current;

    private bool IsCheckUnderWay => _pairs.Exists(pair => pair.Check is not null);

    /// <summary>The controlling side: chooses the best pair that works, once no better one can be expected.</summary>
    private void EvaluateNomination()
    {
        _nominateAt = null;
        if (Role != IceRole.Controlling || IsSettled || _firstValidAt is not { } first || State is IceState.Failed or IceState.Closed || _pairs.Exists(pair => pair.IsToBeNominated))
        {
            return;
        }

        var best = _pairs.Find(pair => pair.State == PairState.Succeeded);
        if (best is null)
        {
            return;
        }

        // Pairs are sorted: what stands before the best may still become better. While only a relay works, candidates that are not known yet count too.
        var isBetterPossible = _pairs.TakeWhile(pair => pair != best).Any(pair => pair.IsLive) || (best.IsRelayed && !(_isRemoteDone && _isGathered));
        // A direct pair over which the peer was heard lacks no more than an answer that was lost: worth twice the wait.
        var isDirectHeard = best.IsRelayed && _pairs.Exists(pair => pair is { IsLive: true, IsHeard: true, IsRelayed: false });
        var due = first + (isDirectHeard ? _options.RelayNominationWait * 2 : best.IsRelayed ? _options.RelayNominationWait : _options.NominationWait);
        if (isBetterPossible && _now < due)
        {
            _nominateAt = due;
            return;
        }

        best.IsToBeNominated = true;
        Trigger(best);
    }

    /// <summary>Both sides want this pair.</summary>
    private void Nominated(CandidatePair pair)
    {
        pair.IsToBeNominated = pair.IsWantedByPeer = false;
        if (pair == _selected)
        {
            return;
        }

        // A peer that nominates several pairs means the best of them, unless that one has gone silent.
        if (IsSettled && pair.Priority < _selected!.Priority && _now - _answeredAt < _options.ConsentInterval * 2)
        {
            return;
        }

        _selected = pair;
        _consentChecks.Clear();
        _previous = null;
        _nominateAt = null;
        Renew();
        ScheduleConsent();
        foreach (var other in _pairs)
        {
            if (other != pair && other.IsLive)
            {
                other.Check = null;
                other.Reason ??= NotNeeded;
                other.IsTriggered = other.IsToBeNominated = false;
            }
        }

        if (pair.Local.Relay is { } relay)
        {
            relay.Permit(pair.RemoteAddress, true, _now);
            Pump(relay);
        }

        _releaseAt = _now + _releaseAfter;
        Describe();
    }

    /// <summary>Says which path data takes, when that changed.</summary>
    private void Describe()
    {
        if (_selected is not { } pair)
        {
            Route = null;
            return;
        }

        var remoteType = pair.IsRelayed && pair.Local.Relay is null ? IceCandidateType.Relayed : pair.Remote.Type;
        var route = new IceRoute(pair.Local.Source, pair.Local.Relay?.Server.Address ?? pair.RemoteAddress, pair.MappedType, remoteType, pair.Local.Relay is not null);
        if (route != Route)
        {
            Route = route;
            _events.Enqueue(new IceEvent(IceEventKind.PairSelected, Route: route));
        }
    }

    /// <summary>The peer answered: it wants our data for another while.</summary>
    private void Renew()
    {
        _answeredAt = _now;
        if (IsSettled || State == IceState.Disconnected)
        {
            SetState(IceState.Connected);
        }
    }

    /// <summary>Four to six fifths of the interval, so that checks of many sessions do not fall together (RFC 7675, section 5.1).</summary>
    private void ScheduleConsent()
    {
        Span<byte> chance = stackalloc byte[1];
        _random(chance);
        _consentAt = _now + (_options.ConsentInterval * (0.8 + (0.4 * chance[0] / byte.MaxValue)));
    }

    private void WatchConsent()
    {
        if (_selected is not { } pair)
        {
            return;
        }

        var silence = _now - _answeredAt;
        if (silence >= _options.ConsentTimeout)
        {
            Lose("the peer has not answered for too long");
            return;
        }

        if (silence >= _options.DisconnectedAfter && State == IceState.Connected)
        {
            SetState(IceState.Disconnected);
        }

        if (_now >= _consentAt)
        {
            // Each is a new one and never repeated: the next follows soon enough.
            pair.Check = new PairCheck(StunTransactionId.Make(_random), Role, false, _now);
            _consentChecks.RemoveAll(check => _now - check.SentAt >= _options.ConsentTimeout);
            if (_consentChecks.Count == MaxConsentChecks)
            {
                _consentChecks.RemoveAt(0);
            }

            _consentChecks.Add(pair.Check);
            Send(pair, pair.Check);
            ScheduleConsent();
        }
    }

    /// <summary>The check of consent that an answer belongs to, once: a copy of the answer says nothing new.</summary>
    private PairCheck? FindConsent(StunTransactionId transaction) => _consentChecks.Find(check => check.Transaction == transaction);

    private TimeSpan? NextOfConsent()
    {
        if (_selected is null)
        {
            return null;
        }

        var next = Earlier(_consentAt, _answeredAt + _options.ConsentTimeout);
        return State == IceState.Connected ? Earlier(next, _answeredAt + _options.DisconnectedAfter) : next;
    }

    /// <summary>The selected pair works no more.</summary>
    private void Lose(string reason)
    {
        var isCurrent = IsSettled;
        _selected!.Fail(reason);
        _selected = null;
        _consentChecks.Clear();
        Describe();
        if (isCurrent || State is IceState.Connected or IceState.Disconnected)
        {
            SetState(IceState.Failed);
        }
    }

    private TimeSpan PatienceEnds(TimeSpan since) => since + (_pairs.Exists(pair => pair.State == PairState.Succeeded) ? _options.Patience * 2 : _options.Patience);

    /// <summary>Gives up when the time is over and nothing can come to work any more; a pair that works but is never chosen counts for twice the time.</summary>
    private void EvaluateFailure()
    {
        if (State != IceState.Checking || IsSettled || _checkingSince is not { } since || _now < PatienceEnds(since) || IsCheckUnderWay)
        {
            return;
        }

        foreach (var pair in _pairs)
        {
            if (pair.IsLive)
            {
                pair.Fail(pair.Local.Relay is null ? "it was not its turn in time" : "the relay did not let the peer in in time");
            }
        }

        SetState(_selected is null ? IceState.Failed : IceState.Connected);
    }
}
