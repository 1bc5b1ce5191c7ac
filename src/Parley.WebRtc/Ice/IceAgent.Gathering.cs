using System.Globalization;
using Parley.Protocol.Stun;
using Parley.WebRtc.Turn;

namespace Parley.WebRtc.Ice;

/// <summary>Candidates of ours: interfaces, what servers see, addresses at relays.</summary>
public sealed partial class IceAgent
{
    // Below every relay that is spoken to over UDP: a stream waits for what was lost.
    private const int StreamPenalty = 0x8000;

    private static readonly TimeSpan _releaseAfter = TimeSpan.FromSeconds(3);

    private readonly List<TransportAddress> _sources = [];
    private readonly List<LocalCandidate> _locals = [];
    private readonly List<ServerProbe> _probes = [];
    private readonly List<TurnClient> _relays = [];
    private readonly Dictionary<string, string> _foundations = [];
    private bool _isGathering;
    private bool _isGathered;
    private TimeSpan? _releaseAt;

    /// <summary>A socket of ours; its candidates follow, and servers are asked from it.</summary>
    /// <param name="local">The address that it is bound to: that of one interface, not of all.</param>
    /// <param name="now">The time.</param>
    public void AddLocal(TransportAddress local, TimeSpan now)
    {
        _now = now;
        if (AddressPolicy.RefuseLocal(local, _options.IsLoopbackAllowed) is { } reason)
        {
            Skip(local.ToString(), reason);
            return;
        }

        if (_sources.Contains(local) || State == IceState.Closed)
        {
            return;
        }

        _sources.Add(local);
        var preference = AddressPolicy.PreferenceOf(local, _sources.Count - 1);
        if (!_options.IsRelayOnly)
        {
            AddLocalCandidate(IceCandidateType.Host, local, local, null, preference, null);
        }

        if (_isGathering)
        {
            AskServers(local, preference);
        }
    }

    /// <summary>An interface went away: what goes over it does not work any more.</summary>
    public void RemoveLocal(TransportAddress local, TimeSpan now)
    {
        _now = now;
        _sources.Remove(local);
        _probes.RemoveAll(probe => probe.Source == local);
        _relays.RemoveAll(relay => relay.Local == local);
        _locals.RemoveAll(candidate => candidate.Source == local);
        foreach (var pair in _pairs)
        {
            if (pair.Local.Source == local)
            {
                pair.Fail("the interface is gone");
            }
        }

        if (_selected?.Local.Source == local)
        {
            Lose("the interface is gone");
        }

        EvaluateNomination();
    }

    /// <summary>Begins to ask servers; interfaces that come later are asked from too.</summary>
    public void StartGathering(TimeSpan now)
    {
        _now = now;
        if (!_isGathering)
        {
            _isGathering = true;
            AskServers();
            EvaluateGathering();
        }
    }

    private void AskServers()
    {
        for (var index = 0; index < _sources.Count; index++)
        {
            AskServers(_sources[index], AddressPolicy.PreferenceOf(_sources[index], index));
        }
    }

    private void AskServers(TransportAddress source, int preference)
    {
        foreach (var server in _options.StunServers)
        {
            if (AddressPolicy.CanPair(source, server))
            {
                _probes.Add(new ServerProbe(source, server, preference));
            }
        }

        foreach (var server in _options.TurnServers)
        {
            if (AddressPolicy.CanPair(source, server.Address) && !_relays.Exists(relay => relay.Server == server && relay.Local == source))
            {
                _relays.Add(new TurnClient(server, source, _random));
            }
        }
    }

    /// <summary>After a restart mappings may be others, and relays that were given back are needed again.</summary>
    private void GatherAgain()
    {
        _isGathered = false;
        _releaseAt = null;
        _locals.RemoveAll(local => local.Relay is { State: not TurnState.Allocated } || local.Candidate.Type == IceCandidateType.ServerReflexive);
        _relays.RemoveAll(relay => relay.State is TurnState.Closed or TurnState.Failed);
        foreach (var local in _locals)
        {
            Announce(local);
        }

        _probes.Clear();
        if (_isGathering)
        {
            AskServers();
            EvaluateGathering();
        }
    }

    private void AddLocalCandidate(IceCandidateType type, TransportAddress address, TransportAddress source, TransportAddress? related, int preference, TurnClient? relay)
    {
        // An address that is known already brings nothing new (RFC 8445, section 5.1.3).
        if (_locals.Exists(local => local.Candidate.Address == address && local.Source == source))
        {
            return;
        }

        if (_locals.Count >= _options.MaxLocalCandidates)
        {
            Skip(address.ToString(), "there are enough candidates of ours");
            return;
        }

        var key = string.Create(CultureInfo.InvariantCulture, $"{type} {source.WithPort(0)} {relay?.Server.Address}");
        if (!_foundations.TryGetValue(key, out var foundation))
        {
            foundation = (_foundations.Count + 1).ToString(CultureInfo.InvariantCulture);
            _foundations.Add(key, foundation);
        }

        var candidate = new IceCandidate { Foundation = foundation, Priority = IcePriority.Of(type, preference), Address = address, Type = type, Related = related };
        var added = new LocalCandidate(candidate, source, preference, relay);
        _locals.Add(added);
        Announce(added);
        if (added.IsBase)
        {
            foreach (var remote in _remotes)
            {
                AddPair(added, remote);
            }
        }
    }

    private void Announce(LocalCandidate local) => _events.Enqueue(new IceEvent(IceEventKind.LocalCandidate, Candidate: local.Candidate));

    /// <summary>Repeats questions, keeps relays, and gives those back that are not needed.</summary>
    private void GatherOn()
    {
        foreach (var probe in _probes)
        {
            if (probe.RefreshAt <= _now)
            {
                (probe.RefreshAt, probe.IsDone, probe.IsSent, probe.Retry) = (null, IsSettled, false, default);
            }
            else if (probe.IsWaiting && probe.Retry.IsSpent(_now))
            {
                (probe.IsDone, probe.Failure) = (true, "the server does not answer");
            }
            else if (probe.IsWaiting && probe.Retry.IsDue(_now))
            {
                Send(probe);
            }
        }

        foreach (var relay in _relays)
        {
            if (relay.NextTimeout <= _now)
            {
                relay.HandleTimeout(_now);
                Pump(relay);
            }
        }

        if (_releaseAt <= _now)
        {
            _releaseAt = null;
            foreach (var relay in _relays.Where(relay => relay != _selected?.Local.Relay))
            {
                relay.Close(_now);
                Pump(relay);
            }
        }
    }

    private TimeSpan? NextOfGathering()
    {
        var next = _releaseAt;
        foreach (var probe in _probes)
        {
            next = Earlier(next, probe.IsWaiting ? probe.Retry.NextAt : probe.RefreshAt);
        }

        foreach (var relay in _relays)
        {
            next = Earlier(next, relay.NextTimeout);
        }

        return next;
    }

    private void Send(ServerProbe probe)
    {
        if (!probe.IsSent)
        {
            probe.IsSent = true;
            probe.Transaction = StunTransactionId.Make(_random);
        }

        var writer = new StunWriter(stackalloc byte[64], StunClass.Request, StunMethod.Binding, probe.Transaction);
        writer.AddFingerprint();
        Emit(probe.Source, probe.Server, writer.Written.ToArray());
        probe.Retry.Sent(_now, StunRetry.FirstWait);
    }

    private bool IsProbeAnswer(ReadOnlySpan<byte> datagram, TransportAddress source, TransportAddress server) =>
        StunMessage.TryParse(datagram, out var message) && message is { Method: StunMethod.Binding } && FindProbe(message.Transaction, source, server) is not null;

    private ServerProbe? FindProbe(StunTransactionId transaction, TransportAddress source, TransportAddress server)
    {
        foreach (var probe in _probes)
        {
            if (probe.IsSent && probe.Transaction == transaction && probe.Source == source && probe.Server == server)
            {
                return probe;
            }
        }

        return null;
    }

    /// <returns>It was the answer of a server.</returns>
    private bool OnProbeAnswer(StunMessage message, TransportAddress source, TransportAddress server)
    {
        if (FindProbe(message.Transaction, source, server) is not { } probe)
        {
            return false;
        }

        if (probe.IsDone)
        {
            return true;
        }

        probe.IsDone = true;
        if (message.Class == StunClass.Success && TryGetMapped(message, out var mapped) && mapped.IsIPv6 == source.IsIPv6 && !mapped.IsAny)
        {
            (probe.Mapped, probe.Failure) = (mapped, null);
            AddReflexive(mapped, source, probe.Preference);
            probe.RefreshAt = IsSettled ? null : _now + _options.KeepAlive;
        }
        else
        {
            probe.Failure = message.TryGetError(out var code, out _) ? string.Create(CultureInfo.InvariantCulture, $"the server refused ({code})") : "the server's answer names no address";
        }

        EvaluateGathering();
        return true;
    }

    private static bool TryGetMapped(StunMessage message, out TransportAddress mapped) =>
        message.TryGetAddress(StunAttribute.XorMappedAddress, out mapped) || message.TryGetAddress(StunAttribute.MappedAddress, out mapped);

    private void AddReflexive(TransportAddress mapped, TransportAddress source, int preference)
    {
        if (mapped != source && !_options.IsRelayOnly)
        {
            AddLocalCandidate(IceCandidateType.ServerReflexive, mapped, source, source, preference, null);
        }
    }

    /// <summary>Takes what a relay wants sent, and what became of it.</summary>
    private void Pump(TurnClient relay)
    {
        while (relay.TryTakeDatagram(out var datagram))
        {
            Emit(relay.Local, relay.Server.Address, datagram);
        }

        if (relay.State == TurnState.Allocated && FindLocal(relay) is null)
        {
            var isStream = relay.Server.Transport != TurnTransport.Udp;
            var preference = AddressPolicy.PreferenceOf(relay.Local, Math.Max(0, _sources.IndexOf(relay.Local))) - (isStream ? StreamPenalty : 0);
            AddLocalCandidate(IceCandidateType.Relayed, relay.Relayed, relay.Local, relay.Mapped.IsNone || _options.IsRelayOnly ? null : relay.Mapped, preference, relay);
            // What the relay sees of a TCP connection says nothing of our sockets.
            if (!relay.Mapped.IsNone && !isStream)
            {
                AddReflexive(relay.Mapped, relay.Local, preference);
            }

            EvaluateGathering();
        }
        else if (relay.State == TurnState.Failed)
        {
            OnRelayFailed(relay, relay.Failure ?? "the relay failed");
        }
    }

    private void OnRelayFailed(TurnClient relay, string reason)
    {
        foreach (var pair in _pairs)
        {
            if (pair.Local.Relay == relay && pair.State != PairState.Failed)
            {
                pair.Fail(reason);
            }
        }

        if (_selected?.Local.Relay == relay)
        {
            Lose(reason);
        }
    }

    private void EvaluateGathering()
    {
        if (_isGathering && !_isGathered && _expectedRelays == 0 && _probes.TrueForAll(probe => probe.IsDone) && _relays.TrueForAll(relay => relay.State is not (TurnState.New or TurnState.Allocating)))
        {
            _isGathered = true;
            _events.Enqueue(new IceEvent(IceEventKind.GatheringDone));
            EvaluateNomination();
        }
    }

    private LocalCandidate? FindLocal(TransportAddress source)
    {
        foreach (var local in _locals)
        {
            if (local.Source == source && local.Candidate.Type == IceCandidateType.Host)
            {
                return local;
            }
        }

        return null;
    }

    private LocalCandidate? FindLocal(TurnClient relay) => _locals.Find(local => local.Relay == relay);

    private TurnClient? FindRelay(TransportAddress source, TransportAddress server)
    {
        foreach (var relay in _relays)
        {
            if (relay.Server.Address == server && relay.Local == source)
            {
                return relay;
            }
        }

        return null;
    }
}
