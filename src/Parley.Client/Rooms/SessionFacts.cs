namespace Parley.Client.Rooms;

/// <summary>What <c>session.json</c> says of a session; the token is in a file of its own.</summary>
public sealed record SessionFacts
{
    /// <summary>Layout of the file; 1.</summary>
    public int Version { get; init; } = 1;

    /// <summary>How it began: <c>host</c>, <c>join</c> or <c>listen</c>.</summary>
    public string Mode { get; init; } = string.Empty;

    /// <summary>What goes on, one of <see cref="SessionStatus"/>.</summary>
    public string Status { get; init; } = SessionStatus.Connected;

    /// <summary>The seat: <c>host</c> or <c>joiner</c>.</summary>
    public string Role { get; init; } = string.Empty;

    /// <summary>The hub's address.</summary>
    public string Hub { get; init; } = string.Empty;

    /// <summary>The hub's key, for one that made its own certificate.</summary>
    public string? Pin { get; init; }

    /// <summary>Whether plain HTTP to another machine was allowed.</summary>
    public bool? InsecureHttp { get; init; }

    /// <summary>The rule that agents ask nobody.</summary>
    public bool Headless { get; init; }

    /// <summary>The code for the partner, while it is out.</summary>
    public string? Code { get; init; }

    /// <summary>What the agent is called.</summary>
    public string? AgentLabel { get; init; }

    /// <summary>What the session is for.</summary>
    public string? Goal { get; init; }

    /// <summary>Which kind of runner answers.</summary>
    public string? RunnerKind { get; init; }

    /// <summary>The runner's own conversation, to be taken up with the next message.</summary>
    public string? RunnerSession { get; init; }

    /// <summary>The process that looks after the session.</summary>
    public int? Pid { get; init; }

    /// <summary>Messages that came.</summary>
    public int? Received { get; init; }

    /// <summary>Messages that were sent.</summary>
    public int? Sent { get; init; }

    /// <summary>The last thing that happened, without content.</summary>
    public string? LastEvent { get; init; }

    /// <summary>Why it ended.</summary>
    public string? Error { get; init; }

    /// <summary>When it began.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>When this was written.</summary>
    public DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>What a session is doing.</summary>
public static class SessionStatus
{
    /// <summary>Not seated yet.</summary>
    public const string Starting = "starting";

    /// <summary>A host waits for its joiner.</summary>
    public const string WaitingForJoin = "waiting_for_join";

    /// <summary>A listener waits for its host.</summary>
    public const string WaitingForHost = "waiting_for_host";

    /// <summary>Both are there.</summary>
    public const string Connected = "connected";

    /// <summary>The runner works.</summary>
    public const string Working = "waiting_for_local_task";

    /// <summary>The partner's turn.</summary>
    public const string WaitingForReply = "waiting_for_partner_reply";

    /// <summary>A person is needed.</summary>
    public const string Paused = "paused";

    /// <summary>The hub is away.</summary>
    public const string Retrying = "retrying";

    /// <summary>It is over.</summary>
    public const string Closed = "closed";

    /// <summary>It ended with an error.</summary>
    public const string Error = "error";

    /// <summary>Its process is gone without a word; shown, never written.</summary>
    public const string Interrupted = "interrupted";

    /// <summary>Whether the session has ended.</summary>
    public static bool IsOver(string status) => status is Closed or Error or Interrupted;
}
