using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Link;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Hub.Sessions;

/// <summary>Attaches and detaches sessions: epochs, replacing, silence, draining. It knows nothing of what the sessions carry.</summary>
internal sealed partial class SessionService
{
    private static readonly TimeSpan _courtesy = TimeSpan.FromMilliseconds(500);
    private static readonly Frame _ping = new() { Ping = new Ping() };

    private readonly SessionDirectory _directory;
    private readonly SessionEpochs _epochs;
    private readonly SessionOptions _options;
    private readonly TimeProvider _time;
    private readonly FillRandom _random;
    private readonly ILogger<SessionService> _logger;
    private long _beaten;
    private long _watchedSince;
    private volatile bool _isDraining;

    /// <summary>The sessions of one node.</summary>
    public SessionService(
        SessionDirectory directory, SessionEpochs epochs, IOptions<SessionOptions> options, TimeProvider time, FillRandom random, ILogger<SessionService> logger)
    {
        _directory = directory;
        _epochs = epochs;
        _options = options.Value;
        _time = time;
        _random = random;
        _logger = logger;
        _beaten = _watchedSince = time.GetTimestamp();
    }

    /// <summary>Told when a listener came, so that other nodes end theirs; awaited before the client hears that it is attached.</summary>
    public Func<SessionTicket, CancellationToken, Task> OnListening { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>Told when a listener went.</summary>
    public Func<SessionTicket, CancellationToken, Task> OnGone { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>Whether the node shuts down.</summary>
    public bool IsDraining => _isDraining;

    /// <summary>Makes the session of a claim, with its number. Nothing is delivered to it before it is attached; <see cref="DetachAsync"/> is owed from here on.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.Draining"/>.</exception>
    public async Task<Session> OpenAsync(SessionClaim claim, ILinkTransport transport, FrameOutbox outbox, CancellationToken cancellationToken)
    {
        if (_isDraining)
        {
            throw Goodbyes.DrainingRefusal();
        }

        var epoch = SessionDirectory.IsExclusive(claim.Role) ? await _epochs.NextAsync(claim.Agent, claim.Role, cancellationToken) : 0;
        var ticket = new SessionTicket(
            "s_" + EnvelopeId.Make(_random).Value, claim.Agent, claim.Role, epoch, claim.IsShared, claim.Home, claim.Software) { Capabilities = claim.Capabilities, IsVisitor = claim.IsVisitor };
        return new Session(ticket, transport, outbox, End, _time.GetUtcNow()) { LastHeard = _time.GetTimestamp() };
    }

    /// <summary>Attaches a session, ends those whose place it takes, welcomes the client and opens the session: from there on it is delivered to.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.Draining"/>, <see cref="ErrorCode.AgentRevoked"/>.</exception>
    public async Task AttachAsync(Session session, SessionClaim claim, CancellationToken cancellationToken)
    {
        var replaced = _directory.Attach(session);

        // Asked only when it is in the directory: whoever ends the agent's sessions later than that sees this one.
        if ((_isDraining ? Goodbyes.DrainingRefusal() : claim.FindRefusal()) is { } refusal)
        {
            session.Close();
            throw refusal;
        }

        if (SessionDirectory.IsExclusive(session.Role))
        {
            await OnListening(session.Ticket, cancellationToken);
        }

        foreach (var older in replaced)
        {
            older.End(Goodbyes.Replaced());
        }

        session.Outbox.Append(new Frame { Welcome = _options.ToWelcome(session.Ticket) });
        session.Open();
        session.Outbox.Flush();
        LogAttached(session.Address, session.Role, session.Transport.Name);
    }

    /// <summary>Takes a session out; nothing is delivered to it from here on.</summary>
    public async Task DetachAsync(Session session)
    {
        session.Close();
        session.Leave();
        _directory.Detach(session);
        LogDetached(session.Address, session.Role);
        if (SessionDirectory.IsExclusive(session.Role))
        {
            await OnGone(session.Ticket, CancellationToken.None);
        }
    }

    /// <summary>Ends every session of an agent that is no more who it was: revoked, or renamed. Nothing that they still say is heard.</summary>
    public void EndAll(AgentAddress agent, Goodbye goodbye)
    {
        foreach (var session in _directory.Of(agent))
        {
            session.Mute();
            session.End(goodbye);
        }
    }

    /// <summary>Ends sessions that were silent for too long, and pings in one go those that begin to be; called every second. After a pause of the hub itself everybody is asked again first.</summary>
    public void Beat()
    {
        var heartbeat = new Heartbeat(_options.Heartbeat);
        var sincePass = _time.GetElapsedTime(_beaten);
        if (sincePass < heartbeat.Pass)
        {
            return;
        }

        _beaten = _time.GetTimestamp();
        _watchedSince = heartbeat.IsLate(sincePass) ? _beaten : _watchedSince;
        var watch = _time.GetElapsedTime(_watchedSince);
        foreach (var session in _directory.All)
        {
            var silence = _time.GetElapsedTime(session.LastHeard);
            if (heartbeat.HubEnds(silence, watch))
            {
                session.End(Goodbyes.Silent());
            }
            else if (heartbeat.HubPings(silence))
            {
                session.Outbox.Send(_ping);
            }
        }
    }

    /// <summary>Asks every client to attach elsewhere, or here again later, at a random moment within the spread.</summary>
    public async Task DrainAsync(TimeSpan spread, CancellationToken cancellationToken)
    {
        _isDraining = true;
        var drain = new Frame { Drain = new Drain { SpreadMs = (uint)spread.TotalMilliseconds } };
        foreach (var session in _directory.All.Where(session => session.IsOpen))
        {
            session.Outbox.Send(drain);
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(spread + TimeSpan.FromSeconds(1));
        while (_directory.Count > 0 && !deadline.IsCancellationRequested)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), _time, CancellationToken.None);
        }

        foreach (var session in _directory.All)
        {
            session.End(Goodbyes.Draining());
        }
    }

    /// <summary>Takes links again after a drain that was not the end.</summary>
    public void Resume() => _isDraining = false;

    private void End(Session session, Goodbye goodbye)
    {
        session.Close();
        session.Outbox.Append(new Frame { Goodbye = goodbye });
        _ = EndAsync(session);
    }

    private async Task EndAsync(Session session)
    {
        try
        {
            // The client leaves when it has read the reason. A reset at once could overtake the reason, and a client that misses it comes back.
            _ = session.Outbox.FlushAsync();
            await session.Gone.WaitAsync(_courtesy, _time);
        }
        catch (TimeoutException)
        {
            session.Transport.Abort();
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Agent} attached as {Role} over {Transport}")]
    private partial void LogAttached(string agent, SessionRole role, string transport);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Agent} detached as {Role}")]
    private partial void LogDetached(string agent, SessionRole role);
}
