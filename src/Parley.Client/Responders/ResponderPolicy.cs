namespace Parley.Client.Responders;

/// <summary>The limits that a listener sets around its responder.</summary>
public sealed record ResponderPolicy
{
    /// <summary>Default limit of a run: 60 s.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Whose messages are answered.</summary>
    public required SenderPolicy Senders { get; init; }

    /// <summary>How long one run may take, from its start; waiting for a place does not count.</summary>
    public TimeSpan Timeout { get; init; } = DefaultTimeout;

    /// <summary>Runs at the same time, at least 1; default 4. Messages of one thread always follow one another.</summary>
    public int Concurrency { get; init; } = 4;

    /// <summary>How large an answer may become.</summary>
    public AnswerLimits Limits { get; init; } = new();
}
