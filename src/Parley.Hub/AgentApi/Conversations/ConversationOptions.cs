using Parley.Protocol.Messaging;

namespace Parley.Hub.AgentApi.Conversations;

/// <summary>Limits of agents as models of OpenAI.</summary>
internal sealed class ConversationOptions
{
    /// <summary>How long a call waits for an agent that is offline before it is refused.</summary>
    /// <value>0 to 10 minutes; 0.</value>
    public TimeSpan OfflineWait { get; set; } = TimeSpan.Zero;

    /// <summary>How long an answer may take in all. Then the agent is told to stop.</summary>
    /// <value>1 second to 24 hours; 10 minutes.</value>
    public TimeSpan AnswerTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a response can be followed, and read when its text was kept.</summary>
    /// <value>1 minute to 365 days; 7 days.</value>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Responses of one credential that are kept; the oldest go first.</summary>
    /// <value>1 to 10,000,000; 100,000.</value>
    public int MaxKept { get; set; } = 100_000;

    /// <summary>Largest request in bytes; files in it are base64.</summary>
    /// <value>64 KiB to 256 MiB; 24 MiB.</value>
    public int MaxRequestBytes { get; set; } = (MessagingLimits.MaxContentBytes / 2 * 3);

    /// <summary>Whether a chat completion whose history equals one that an agent answered before continues that one's thread.</summary>
    public bool MatchesHistory { get; set; }
}
