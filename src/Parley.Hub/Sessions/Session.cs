using Parley.Protocol.Identity;
using Parley.Protocol.Link;
using Parley.Protocol.Wire;

namespace Parley.Hub.Sessions;

/// <summary>One live attachment of an agent to this node: new until its client is welcomed, then open, then closed.</summary>
internal sealed class Session
{
    private const int New = 0;
    private const int Opened = 1;
    private const int Closed = 2;

    private readonly Action<Session, Goodbye> _end;
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _state;
    private volatile bool _isMuted;

    /// <summary>Makes the session of a client that proved its key.</summary>
    public Session(SessionTicket ticket, ILinkTransport transport, FrameOutbox outbox, Action<Session, Goodbye> end, DateTimeOffset since)
    {
        Ticket = ticket;
        Transport = transport;
        Outbox = outbox;
        _end = end;
        Since = since;
        Agent = ticket.Agent;
        Address = ticket.Agent.ToString();
    }

    /// <summary>Who attached, as what.</summary>
    public SessionTicket Ticket { get; }

    /// <summary>The agent.</summary>
    public AgentAddress Agent { get; }

    /// <summary>The agent's canonical address as text, made once: every envelope carries it.</summary>
    public string Address { get; }

    /// <summary>What the session is for.</summary>
    public SessionRole Role => Ticket.Role;

    /// <summary>The link.</summary>
    public ILinkTransport Transport { get; }

    /// <summary>Frames on their way to the client.</summary>
    public FrameOutbox Outbox { get; }

    /// <summary>When it attached.</summary>
    public DateTimeOffset Since { get; }

    /// <summary>What the client has not acknowledged.</summary>
    public DeliveryWindow Window { get; } = new();

    /// <summary>Of which ids it is to be handed what the store has.</summary>
    public WantedIds Wanted { get; } = new();

    /// <summary>Bodies that arrive in chunks.</summary>
    public BodyAssembly Assembly { get; } = new();

    /// <summary>Timestamp (of the clock that the hub runs on) of the last frame from the client.</summary>
    public long LastHeard { get; set; }

    /// <summary>False until its welcome stands in the outbox, which is the first that a client reads, and from the moment it was ended or detached: then nothing is delivered to it.</summary>
    public bool IsOpen => Volatile.Read(ref _state) == Opened;

    /// <summary>Whether nothing is taken from it any more: its agent is gone, while the link stays a moment for the reason to be read.</summary>
    public bool IsMuted => _isMuted;

    /// <summary>Takes nothing from it from here on.</summary>
    public void Mute() => _isMuted = true;

    /// <summary>Sends the reason as the last frame and ends the link.</summary>
    public void End(Goodbye goodbye) => _end(this, goodbye);

    /// <summary>Lets deliveries to it begin; one that was ended before stays closed.</summary>
    public void Open() => Interlocked.CompareExchange(ref _state, Opened, New);

    /// <summary>Marks it as gone.</summary>
    public void Close() => Interlocked.Exchange(ref _state, Closed);

    /// <summary>Completes when the link ended; its transport must not be touched afterwards, since the server may use it again.</summary>
    public Task Gone => _gone.Task;

    /// <summary>Notes that the link ended.</summary>
    public void Leave() => _gone.TrySetResult();
}
