using System.Security.Cryptography;
using Google.Protobuf;
using Microsoft.Extensions.Options;
using Parley.Hub.Messaging;
using Parley.Hub.Sessions;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Hub.Signalling;

/// <summary>The relay circuits of this node: made for two sessions that signal to each other, entered by ticket, cut when they are idle or an agent may no longer.</summary>
internal sealed class RelayCircuits
{
    /// <summary>Length of a ticket in bytes.</summary>
    public const int TicketSize = 32;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Ticket> _tickets = new(StringComparer.Ordinal);
    private readonly HashSet<RelayCircuit> _circuits = [];
    private readonly SessionDirectory _sessions;
    private readonly SignalService _signals;
    private readonly SignalRules _rules;
    private readonly MessagePolicy _policy;
    private readonly SignalOptions _options;
    private readonly FillRandom _random;
    private readonly TimeProvider _time;
    private long _bytes;

    /// <summary>No circuits yet.</summary>
    public RelayCircuits(
        SessionDirectory sessions, SignalService signals, SignalRules rules, MessagePolicy policy, IOptions<SignalOptions> options, FillRandom random, TimeProvider time)
    {
        _sessions = sessions;
        _signals = signals;
        _rules = rules;
        _policy = policy;
        _options = options.Value;
        _random = random;
        _time = time;
    }

    /// <summary>Circuits that run or wait for an end.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _circuits.Count;
            }
        }
    }

    /// <summary>Bytes handed on since the start.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Makes a circuit and gives both ends their tickets. A refusal is told to the client; nothing is thrown.</summary>
    public void Open(Session sender, CircuitRequest request)
    {
        try
        {
            _signals.Take(sender.Agent.ToString());
            SignalRules.Check(sender, request.Session, request.ToEnd, 0, 0);
            var target = _rules.Authorise(sender.Agent, request.To, isAnswer: true);
            var other = SignalRules.EndOf(_sessions.Of(target), request.ToEnd.Span)
                ?? throw new ParleyException(ErrorCode.Unsupported, $"{target} is not attached to this node of the hub, and circuits between nodes are not made.");
            var circuit = Add(sender.Agent, target);
            Give(sender, request, target, circuit);
            Give(other, request, sender.Agent, circuit);
        }
        catch (ParleyException refusal)
        {
            SignalService.Refuse(sender, request.Session, Math.Max(1, request.Number), refusal);
        }
    }

    /// <summary>Takes a ticket: the circuit that it is for. It is good no more.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.Unauthenticated"/>: unknown, used or expired.</exception>
    public RelayCircuit Enter(ReadOnlySpan<byte> ticket)
    {
        lock (_gate)
        {
            return _tickets.Remove(KeyOf(ticket), out var found) && _time.GetElapsedTime(found.Since) <= _options.TicketLifetime
                ? found.Circuit
                : throw new ParleyException(ErrorCode.Unauthenticated, "The ticket is not good on this node: it is unknown, used or too old.");
        }
    }

    /// <summary>Whether a ticket could be taken now.</summary>
    internal bool Knows(ReadOnlySpan<byte> ticket)
    {
        lock (_gate)
        {
            return _tickets.ContainsKey(KeyOf(ticket));
        }
    }

    /// <summary>A circuit has ended.</summary>
    public void Leave(RelayCircuit circuit)
    {
        circuit.Dispose();
        lock (_gate)
        {
            Remove(circuit);
        }
    }

    /// <summary>Cuts what is idle, and what waited too long for an end; called every second. It asks first whether a circuit runs: one that begins to is not idle any more.</summary>
    public void EndIdle() => CutWhere(circuit => (circuit.IsRunning ? _options.CircuitIdle : _options.TicketLifetime) < circuit.Idle);

    /// <summary>Cuts the circuits of an agent that was revoked.</summary>
    public void EndAll(AgentAddress agent) => CutWhere(circuit => circuit.Has(agent));

    /// <summary>Cuts circuits between agents of whom one no longer takes anything of the other: an owner decided so.</summary>
    public void EndForbidden() => CutWhere(circuit => _policy.IsBlocked(circuit.Opener, circuit.Acceptor) || _policy.IsBlocked(circuit.Acceptor, circuit.Opener));

    private void CutWhere(Func<RelayCircuit, bool> condition)
    {
        List<RelayCircuit> due;
        lock (_gate)
        {
            if (_circuits.Count == 0)
            {
                return;
            }

            due = [.. _circuits.Where(condition)];
            due.ForEach(Remove);
        }

        due.ForEach(circuit => circuit.Dispose());
    }

    private RelayCircuit Add(AgentAddress opener, AgentAddress acceptor)
    {
        var circuit = new RelayCircuit(opener, acceptor, _options.CircuitBytesPerSecond, moved => Interlocked.Add(ref _bytes, moved), _time);
        lock (_gate)
        {
            if (_circuits.Count >= _options.MaxCircuits)
            {
                throw new ParleyException(ErrorCode.Unavailable, "This hub carries no further circuit now.");
            }

            if (IsAtLimit(opener) || IsAtLimit(acceptor))
            {
                throw new ParleyException(ErrorCode.RateLimited, $"An agent has at most {_options.CircuitsPerAgent} circuits.");
            }

            _circuits.Add(circuit);
        }

        return circuit;
    }

    private bool IsAtLimit(AgentAddress agent) => _circuits.Count(circuit => circuit.Has(agent)) >= _options.CircuitsPerAgent;

    private void Give(Session session, CircuitRequest request, AgentAddress other, RelayCircuit circuit)
    {
        var ticket = new byte[TicketSize];
        _random(ticket);
        lock (_gate)
        {
            _tickets.Add(KeyOf(ticket), new Ticket(circuit, _time.GetTimestamp()));
        }

        session.Outbox.Send(new Frame
        {
            CircuitTicket = new CircuitTicket { Session = request.Session, Number = request.Number, From = other.ToString(), Ticket = UnsafeByteOperations.UnsafeWrap(ticket) },
        });
    }

    private void Remove(RelayCircuit circuit)
    {
        _circuits.Remove(circuit);
        foreach (var (key, _) in _tickets.Where(entry => entry.Value.Circuit == circuit).ToList())
        {
            _tickets.Remove(key);
        }
    }

    // Found by its hash, so that looking one up tells nothing about others.
    private static string KeyOf(ReadOnlySpan<byte> ticket) => Convert.ToHexString(SHA256.HashData(ticket));

    private readonly record struct Ticket(RelayCircuit Circuit, long Since);
}
