using Google.Protobuf;
using Microsoft.Extensions.Options;
using Parley.Hub.Backplane;
using Parley.Hub.Identity;
using Parley.Hub.Messaging;
using Parley.Hub.Sessions;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Wire;

namespace Parley.Hub.Signalling;

/// <summary>Brings signals from one agent's session to another's, here or on another node. It reads no payload, keeps nothing and can write nothing.</summary>
/// <remarks>
/// Nobody is remembered: whoever opens a peer session says its first signal again until an acceptor has come, so either side may start first.
/// Each signal is authorised by itself. What finds nobody is told to the sender where this node can know it.
/// </remarks>
internal sealed class SignalService
{
    /// <summary>A listener hears of an opener that nobody accepts at this attempt and later ones: the first may be answered by a session on another node.</summary>
    public const int NoticeFromAttempt = 2;

    /// <summary>Bytes that may wait for a client that does not read before signals to it are dropped.</summary>
    private const long MaxPendingBytes = 4 * 1024 * 1024;

    /// <summary>Agents whose rate is remembered.</summary>
    private const int MaxSenders = 100_000;

    private readonly SessionDirectory _sessions;
    private readonly SignalRules _rules;
    private readonly IBackplane _backplane;
    private readonly NodeId _node;
    private readonly SignalOptions _options;
    private readonly RateLimiter _rate;
    private long _carried;

    /// <summary>Signals of one node.</summary>
    public SignalService(SessionDirectory sessions, SignalRules rules, IBackplane backplane, NodeId node, IOptions<SignalOptions> options, TimeProvider time)
    {
        _sessions = sessions;
        _rules = rules;
        _backplane = backplane;
        _node = node;
        _options = options.Value;
        _rate = new RateLimiter(_options.SignalsPerMinute, TimeSpan.FromMinutes(1), MaxSenders, time);
    }

    /// <summary>Signals that reached a session of this node.</summary>
    public long Carried => Interlocked.Read(ref _carried);

    /// <summary>Listens to the other nodes until the result is disposed.</summary>
    public ValueTask<IAsyncDisposable> JoinBackplaneAsync(CancellationToken cancellationToken) => _backplane.SubscribeAsync(Topics.Signals, Receive, cancellationToken);

    /// <summary>Takes a signal of a client. A refusal is told to it; nothing is thrown.</summary>
    public void Submit(Session sender, Signal signal)
    {
        try
        {
            Take(sender.Agent.ToString());
            SignalRules.Check(sender, signal.Session, signal.ToEnd, signal.Payload.Length, _options.MaxSignalBytes);
            var target = _rules.Authorise(sender.Agent, signal.To, isAnswer: !signal.ToEnd.IsEmpty);
            signal.From = sender.Address;
            signal.FromEnd = UnsafeByteOperations.UnsafeWrap(sender.Ticket.Home);
            if (!TryDeliver(target, signal))
            {
                _ = ForwardAsync(sender, target, signal);
            }
        }
        catch (ParleyException refusal)
        {
            Refuse(sender, signal.Session, 0, refusal);
        }
    }

    /// <summary>Counts a signal, or a request that costs as much.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.RateLimited"/>.</exception>
    public void Take(string sender)
    {
        if (_rate.TryTake(sender) is { } wait)
        {
            throw new ParleyException(ErrorCode.RateLimited, "The agent signals faster than this hub allows.") { RetryAfter = wait };
        }
    }

    /// <summary>Tells a client that something of it was refused.</summary>
    /// <param name="sender">The client.</param>
    /// <param name="session">The peer session.</param>
    /// <param name="circuit">The number of the circuit request; 0 for a signal.</param>
    /// <param name="refusal">Why.</param>
    public static void Refuse(Session sender, ByteString session, uint circuit, ParleyException refusal) => sender.Outbox.Send(new Frame
    {
        SignalRefusal = new SignalRefusal
        {
            Session = session.Length > SignalRules.MaxEndBytes ? ByteString.Empty : session,
            Circuit = circuit,
            Code = refusal.Row.WireName,
            Message = refusal.Message,
            RetryAfterMs = (ulong)Math.Ceiling((refusal.RetryAfter ?? TimeSpan.Zero).TotalMilliseconds),
        },
    });

    private bool TryDeliver(AgentAddress target, Signal signal)
    {
        var sessions = _sessions.Of(target);
        var session = signal.ToEnd.IsEmpty ? SignalRules.AcceptorOf(sessions, signal.Purpose) : SignalRules.EndOf(sessions, signal.ToEnd.Span);
        if (session is null)
        {
            return false;
        }

        if (session.Outbox.PendingBytes > MaxPendingBytes)
        {
            throw new ParleyException(ErrorCode.Unavailable, $"{target} reads too slowly.");
        }

        session.Outbox.Send(new Frame { Signal = new Signal(signal) { To = string.Empty, ToEnd = ByteString.Empty } });
        Interlocked.Increment(ref _carried);
        return true;
    }

    /// <summary>Nobody here: the other nodes are asked, and a listener here hears who wants to meet.</summary>
    private async Task ForwardAsync(Session sender, AgentAddress target, Signal signal)
    {
        signal.To = target.ToString();
        Announce(target, signal);
        var message = new NodeMessage { Origin = _node.Value, Signal = signal };
        if (await _backplane.PublishAsync(Topics.Signals, message.ToByteArray(), CancellationToken.None) <= 1)
        {
            // Only this node heard it.
            var offline = signal.ToEnd.IsEmpty ? $"Nobody of {target} accepts this now." : $"The other end of {target} has no link to the hub now.";
            Refuse(sender, signal.Session, 0, new ParleyException(ErrorCode.AgentOffline, offline));
        }
    }

    private void Receive(ReadOnlyMemory<byte> bytes)
    {
        var message = NodeMessage.Parser.ParseFrom(bytes.Span);
        if (message.Origin == _node.Value || message.Signal is not { } signal || !AgentAddress.TryParse(signal.To, out var target))
        {
            return;
        }

        try
        {
            if (!TryDeliver(target, signal))
            {
                Announce(target, signal);
            }
        }
        catch (ParleyException)
        {
            // A client that does not read loses signals; whoever sent them says them again.
        }
    }

    private void Announce(AgentAddress target, Signal signal)
    {
        if (!signal.ToEnd.IsEmpty || signal.Attempt < NoticeFromAttempt)
        {
            return;
        }

        foreach (var session in _sessions.Of(target))
        {
            if (session.Role == SessionRole.Listen && session.IsOpen && session.Outbox.PendingBytes <= MaxPendingBytes)
            {
                session.Outbox.Send(new Frame { SignalNotice = new SignalNotice { Session = signal.Session, From = signal.From, Purpose = signal.Purpose } });
            }
        }
    }
}
