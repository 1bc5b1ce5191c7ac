using System.Collections.Concurrent;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Parley.Hub.Identity;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Wire;

namespace Parley.Hub.Messaging.Budgets;

/// <summary>What agents may do in a window of time. One that does more is paused until somebody resets it: what it sends is refused, and connections wait with what they have for it.</summary>
/// <remarks>Counted are messages that it sends, events that it emits, changes of its state, turns that connections give it, and tokens that its answers report where a limit of tokens is set. Counts are this process's; a pause outlasts it.</remarks>
internal sealed partial class AgentBudgets(BudgetStore store, AgentRegistry agents, IOptions<MessagingOptions> options, TimeProvider time, ILogger<AgentBudgets> logger)
{
    // By the agent's row: a name that is given again begins anew.
    private readonly ConcurrentDictionary<long, BudgetWindow> _windows = new();
    private readonly MessagingOptions _options = options.Value;
    private volatile bool _hasOwnTokenLimits;

    /// <summary>Told that an agent was paused, and why.</summary>
    public Func<AgentAddress, string, Task>? Paused { get; set; }

    /// <summary>Whether anybody's tokens count.</summary>
    public bool CountsTokens => _options.BudgetTokens > 0 || _hasOwnTokenLimits;

    /// <summary>How many agents are paused.</summary>
    public int PausedCount => _windows.Values.Count(window => window.PausedAt is not null);

    private (long Messages, long Tokens) HubLimits => (_options.BudgetMessages, _options.BudgetTokens);

    /// <summary>Reads limits and pauses.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        foreach (var (agentId, messages, tokens, pausedAt, reason) in await store.LoadAsync(cancellationToken))
        {
            _windows[agentId] = new BudgetWindow { MessageLimit = messages, TokenLimit = tokens, PausedAt = pausedAt, Reason = reason };
            _hasOwnTokenLimits |= tokens > 0;
        }
    }

    /// <summary>Counts something that an agent does, unless it may not: callers that are no agents have none.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.AgentPaused"/>.</exception>
    public void Admit(AgentAddress address)
    {
        if (CallerAddresses.Is(address) || agents.Find(address) is not { } agent)
        {
            return;
        }

        var window = _windows.GetOrAdd(agent.Id, static _ => new BudgetWindow());
        bool isNews;
        lock (window)
        {
            isNews = window.PausedAt is null && window.Take(1, 0, HubLimits, _options.BudgetWindow, NowMs()) is { } passed && Pause(window, passed);
            if (window.PausedAt is null)
            {
                return;
            }
        }

        if (isNews)
        {
            _ = TellAsync(agent, window);
        }

        throw Refusal(address);
    }

    /// <summary>Counts the tokens that an answer reports; called only where tokens count.</summary>
    public void Answered(AgentAddress address, ByteString body)
    {
        if (agents.Find(address) is not { } agent || TokensIn(body) is not (> 0 and var tokens))
        {
            return;
        }

        var window = _windows.GetOrAdd(agent.Id, static _ => new BudgetWindow());
        bool isNews;
        lock (window)
        {
            isNews = window.Take(0, tokens, HubLimits, _options.BudgetWindow, NowMs()) is { } passed && window.PausedAt is null && Pause(window, passed);
        }

        if (isNews)
        {
            _ = TellAsync(agent, window);
        }
    }

    /// <summary>What is known of an agent.</summary>
    public AgentBudget Of(Agent agent)
    {
        var window = _windows.GetOrAdd(agent.Id, static _ => new BudgetWindow());
        lock (window)
        {
            // A window that is over says nothing of now.
            window.Take(0, 0, (0, 0), _options.BudgetWindow, NowMs());
            return new AgentBudget(
                agent.Address, window.Messages, window.MessageLimit ?? _options.BudgetMessages, window.Tokens, window.TokenLimit ?? _options.BudgetTokens,
                window.PausedAt, window.Reason, window.EndsAt(_options.BudgetWindow));
        }
    }

    /// <summary>The limits that are an agent's own; null where the hub's hold.</summary>
    public (long? Messages, long? Tokens) OwnLimitsOf(Agent agent) => _windows.TryGetValue(agent.Id, out var window) ? (window.MessageLimit, window.TokenLimit) : (null, null);

    /// <summary>Lets a paused agent go on, with a new window.</summary>
    public async Task<AgentBudget> ResetAsync(Agent agent)
    {
        await ChangeAsync(agent, window => window.Reset());
        return Of(agent);
    }

    /// <summary>Gives an agent limits of its own; null: the hub's.</summary>
    public async Task<AgentBudget> LimitAsync(Agent agent, long? messages, long? tokens)
    {
        await ChangeAsync(agent, window => (window.MessageLimit, window.TokenLimit) = (messages, tokens));
        _hasOwnTokenLimits |= tokens > 0;
        return Of(agent);
    }

    /// <summary>Forgets agents that are gone.</summary>
    public async Task ExpireAsync()
    {
        await store.DeleteGoneAsync();
        var present = agents.Ids();
        foreach (var gone in _windows.Keys.Where(id => !present.Contains(id)).ToList())
        {
            _windows.TryRemove(gone, out _);
        }
    }

    /// <summary>The refusal for a paused agent.</summary>
    public static ParleyException Refusal(AgentAddress agent) =>
        new(ErrorCode.AgentPaused, $"{agent} is paused: it did more than its budget allows (parley budgets show {agent}).");

    private async Task ChangeAsync(Agent agent, Action<BudgetWindow> change)
    {
        var window = _windows.GetOrAdd(agent.Id, static _ => new BudgetWindow());
        lock (window)
        {
            change(window);
        }

        await WriteAsync(agent, window);
    }

    private bool Pause(BudgetWindow window, string passed)
    {
        (window.PausedAt, window.Reason) = (time.GetUtcNow(), $"{passed} within {Protocol.Formats.DurationText.Format(_options.BudgetWindow)}");
        return true;
    }

    private async Task TellAsync(Agent agent, BudgetWindow window)
    {
        try
        {
            // Not under the gates of whoever met the limit.
            await Task.Yield();
            LogPaused(agent.Address.ToString(), window.Reason);
            await WriteAsync(agent, window);
            await (Paused?.Invoke(agent.Address, window.Reason) ?? Task.CompletedTask);
        }
        catch (Exception exception)
        {
            LogFailed(exception);
        }
    }

    private Task WriteAsync(Agent agent, BudgetWindow window)
    {
        lock (window)
        {
            return store.PutAsync(agent.Id, window.MessageLimit, window.TokenLimit, window.PausedAt, window.Reason);
        }
    }

    // An agent's own word, as responders report it: docs/protocol/responder-events.md.
    private static long TokensIn(ByteString body)
    {
        try
        {
            return Reply.Parser.ParseFrom(body).Meta.TryGetValue("tokens_used", out var text) && long.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var tokens)
                ? Math.Min(tokens, int.MaxValue)
                : 0;
        }
        catch (InvalidProtocolBufferException)
        {
            return 0;
        }
    }

    private long NowMs() => time.GetUtcNow().ToUnixTimeMilliseconds();

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Agent} is paused: {Reason}")]
    private partial void LogPaused(string agent, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "A paused agent could not be written down")]
    private partial void LogFailed(Exception exception);
}

/// <summary>What an agent has used and may use.</summary>
/// <param name="Agent">Which.</param>
/// <param name="Messages">Messages in this window.</param>
/// <param name="MessageLimit">Its limit; 0 = none.</param>
/// <param name="Tokens">Tokens in this window.</param>
/// <param name="TokenLimit">Its limit; 0 = none.</param>
/// <param name="PausedAt">Since when it is paused; null: it is not.</param>
/// <param name="Reason">Why it is.</param>
/// <param name="EndsAt">When the window ends; null while there is none.</param>
internal sealed record AgentBudget(AgentAddress Agent, long Messages, long MessageLimit, long Tokens, long TokenLimit, DateTimeOffset? PausedAt, string Reason, DateTimeOffset? EndsAt);
