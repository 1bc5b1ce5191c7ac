using Parley.Protocol.Messaging;

namespace Parley.Hub.Messaging;

/// <summary>Limits of routing and mailboxes.</summary>
internal sealed class MessagingOptions
{
    /// <summary>Messages that may follow from one another.</summary>
    /// <value>1 to 64; 8.</value>
    public int HopLimit { get; set; } = MessagingLimits.DefaultHopLimit;

    /// <summary>Messages per second that one agent may send another, sustained.</summary>
    /// <value>0 = no limit; 200.</value>
    public int PairRatePerSecond { get; set; } = 200;

    /// <summary>Messages that one agent may send another at once before the rate counts.</summary>
    /// <value>1 to 1,000,000; 2,000.</value>
    public int PairBurst { get; set; } = 2000;

    /// <summary>Messages that one agent may send, or be made to answer by connections, within <see cref="BudgetWindow"/>; then it is paused.</summary>
    /// <value>0 = no limit; 100,000.</value>
    public long BudgetMessages { get; set; } = 100_000;

    /// <summary>Tokens that the answers of one agent may report within <see cref="BudgetWindow"/>; then it is paused.</summary>
    /// <value>0 = no limit; 0.</value>
    public long BudgetTokens { get; set; }

    /// <summary>How long budgets count before they begin anew.</summary>
    /// <value>1 minute to 31 days; 1 hour.</value>
    public TimeSpan BudgetWindow { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Most targets of one send.</summary>
    /// <value>1 to 100,000; 1,000.</value>
    public int FanOutLimit { get; set; } = 1000;

    /// <summary>Envelopes that one mailbox holds in the store.</summary>
    /// <value>1 to 10,000,000; 10,000.</value>
    public int MailboxMaxCount { get; set; } = 10_000;

    /// <summary>Bytes that one mailbox holds in the store.</summary>
    /// <value>1 MiB to 1 TiB; 256 MiB.</value>
    public long MailboxMaxBytes { get; set; } = 256L << 20;

    /// <summary>Deliveries that one session may leave unacknowledged.</summary>
    /// <value>1 to 65,536; 1,024.</value>
    public int DeliveryWindow { get; set; } = 1024;

    /// <summary>Bytes that may be on their way to one session.</summary>
    /// <value>256 KiB to 1 GiB; 32 MiB.</value>
    public long DeliveryWindowBytes { get; set; } = 32L << 20;

    /// <summary>Bytes of chunked bodies that one session may have open while sending.</summary>
    /// <value>1 MiB to 1 GiB; 64 MiB.</value>
    public long OpenBodyBytes { get; set; } = 64L << 20;

    /// <summary>Time to live of an envelope whose sender names none.</summary>
    /// <value>1 second to 30 days; 24 hours.</value>
    public TimeSpan DefaultTimeToLive { get; set; } = MessagingLimits.DefaultTimeToLive;

    /// <summary>Longest time to live; a longer wish is cut.</summary>
    /// <value>1 second to 365 days; 30 days.</value>
    public TimeSpan MaxTimeToLive { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Finished sends per agent that are remembered in memory, so that a repeated id is known.</summary>
    /// <value>0 to 1,000,000; 1,024.</value>
    public int RememberedSends { get; set; } = 1024;

    /// <summary>How long another node may take to report on an envelope before it is stored here.</summary>
    /// <value>1 second to 1 minute; 5 seconds.</value>
    public TimeSpan NodeTimeout { get; set; } = TimeSpan.FromSeconds(5);
}
