namespace Parley.Hub.Messaging.Budgets;

/// <summary>What one agent has used within a window of time, and whether it is paused. Locked by those who use it; it takes nothing further.</summary>
internal sealed class BudgetWindow
{
    private long _startMs;

    /// <summary>Messages that it sent or was made to answer in this window.</summary>
    public long Messages { get; private set; }

    /// <summary>Tokens that its answers reported in this window.</summary>
    public long Tokens { get; private set; }

    /// <summary>Its own limit of messages; null: the hub's.</summary>
    public long? MessageLimit { get; set; }

    /// <summary>Its own limit of tokens; null: the hub's.</summary>
    public long? TokenLimit { get; set; }

    /// <summary>Since when it is paused; null: it is not.</summary>
    public DateTimeOffset? PausedAt { get; set; }

    /// <summary>Why it is.</summary>
    public string Reason { get; set; } = string.Empty;

    /// <summary>When a window ends that has begun; null for none.</summary>
    public DateTimeOffset? EndsAt(TimeSpan window) => _startMs == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(_startMs) + window;

    /// <summary>Counts what was done.</summary>
    /// <param name="messages">Messages.</param>
    /// <param name="tokens">Tokens.</param>
    /// <param name="hub">The hub's limits; 0 = none.</param>
    /// <param name="window">How long a window is.</param>
    /// <param name="nowMs">The time; a clock that goes back begins a new window.</param>
    /// <returns>Which limit is passed, in words; null for none.</returns>
    public string? Take(long messages, long tokens, (long Messages, long Tokens) hub, TimeSpan window, long nowMs)
    {
        if (_startMs == 0 || nowMs < _startMs || nowMs - _startMs >= window.TotalMilliseconds)
        {
            (_startMs, Messages, Tokens) = (nowMs, 0, 0);
        }

        Messages += messages;
        Tokens += tokens;
        var (messageLimit, tokenLimit) = (MessageLimit ?? hub.Messages, TokenLimit ?? hub.Tokens);
        return messageLimit > 0 && Messages > messageLimit ? $"more than {messageLimit} messages"
            : tokenLimit > 0 && Tokens > tokenLimit ? $"more than {tokenLimit} tokens"
            : null;
    }

    /// <summary>It goes on, with a new window.</summary>
    public void Reset() => (_startMs, Messages, Tokens, PausedAt, Reason) = (0, 0, 0, null, string.Empty);
}
