namespace Parley.Hub.Rooms;

/// <summary>Lifetimes, sizes and rates of rooms. The defaults are those that scripts of either generation expect; docs/protocol/rooms.md lists them.</summary>
internal sealed class RoomOptions
{
    /// <summary>Configuration section.</summary>
    public const string Section = "Rooms";

    /// <summary>How long <c>/wait</c> is held before it answers that nothing came. Clients give up at 115 s.</summary>
    /// <value>1 second to 110 seconds; 110 seconds.</value>
    public TimeSpan WaitLimit { get; set; } = TimeSpan.FromSeconds(110);

    /// <summary>How long a token lives that sits in no room.</summary>
    /// <value>1 minute to 1 day; 15 minutes.</value>
    public TimeSpan TokenLifetime { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How long a room waits for its second seat; its code lives as long.</summary>
    /// <value>1 minute to 1 day; 15 minutes.</value>
    public TimeSpan WaitingLifetime { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>The same for a headless listener, on a machine where nobody sits.</summary>
    /// <value>1 minute to 7 days; 6 hours.</value>
    public TimeSpan HeadlessListenerLifetime { get; set; } = TimeSpan.FromHours(6);

    /// <summary>How long a room lives after both seats sent, waited or changed a rule for the last time.</summary>
    /// <value>1 minute to 1 day; 30 minutes.</value>
    public TimeSpan IdleLifetime { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>How long the last notices of a closed room can be read.</summary>
    /// <value>30 seconds to 1 hour; 10 minutes.</value>
    public TimeSpan TombstoneLifetime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>After this silence of a joiner its host may invite another one; longer than one <c>/wait</c>.</summary>
    /// <value>2 minutes to 1 day; 3 minutes.</value>
    public TimeSpan JoinerLostAfter { get; set; } = TimeSpan.FromMinutes(3);

    /// <summary>Largest message in bytes, and largest JSON body.</summary>
    /// <value>1 KiB to 16 MiB; 1 MiB.</value>
    public int MaxMessageBytes { get; set; } = 1024 * 1024;

    /// <summary>Messages and notices that one seat may leave unread.</summary>
    /// <value>16 to 100,000; 1,000.</value>
    public int MaxInboxItems { get; set; } = 1000;

    /// <summary>Bytes that one seat may leave unread.</summary>
    /// <value>1 KiB to 1 GiB, and at least one message; 8 MiB.</value>
    public long MaxInboxBytes { get; set; } = 8 * 1024 * 1024;

    /// <summary>Bytes of all files in one room. Beyond that: peer to peer.</summary>
    /// <value>0 (no files) to 1 GiB; 32 MiB.</value>
    public int MaxFileBytes { get; set; } = 32 * 1024 * 1024;

    /// <summary>Files in one room.</summary>
    /// <value>1 to 1,000; 64.</value>
    public int MaxFiles { get; set; } = 64;

    /// <summary>Bytes of messages and files that all rooms of this hub may hold in memory.</summary>
    /// <value>1 MiB to 1 TiB; 1 GiB.</value>
    public long MaxHeldBytes { get; set; } = 1024L * 1024 * 1024;

    /// <summary>Tokens that this hub may hold, in rooms or not.</summary>
    /// <value>2 to 10,000,000; 100,000.</value>
    public int MaxTokens { get; set; } = 100_000;

    /// <summary>Whether rates are counted. Off is for load tests alone.</summary>
    /// <value>True.</value>
    public bool AreRatesLimited { get; set; } = true;

    /// <summary><c>/register</c> from one address in an hour.</summary>
    /// <value>1 to 1,000,000; 10.</value>
    public int RegistrationsPerHour { get; set; } = 10;

    /// <summary><c>/setup</c>, <c>/create</c> and <c>/listen</c> from one address in an hour, together.</summary>
    /// <value>1 to 1,000,000; 10.</value>
    public int RoomsPerHour { get; set; } = 10;

    /// <summary>Attempts to redeem a code from one address in an hour; failed ones count.</summary>
    /// <value>1 to 1,000,000; 20.</value>
    public int JoinsPerHour { get; set; } = 20;

    /// <summary>Sends, waits and pings of one token in a minute, each kind for itself. Sends beyond it are slowed, the others refused.</summary>
    /// <value>1 to 1,000,000; 600.</value>
    public int CallsPerMinute { get; set; } = 600;

    /// <summary>Secret for <c>/admin/...</c> beside the hub's admin key; null = none, and these routes look absent to whoever lacks the admin key.</summary>
    public string? AdminToken { get; set; }
}
