using Parley.Protocol.Errors;

namespace Parley.Hub;

/// <summary>Every limit of the hub that an operator may set, once: the command line, the printed configuration, the check at the start and <c>docs/hub-options.md</c> are made from this table.</summary>
internal static class HubLimits
{
    private const long Second = 1000;
    private const long Minute = 60 * Second;
    private const long Hour = 60 * Minute;
    private const long Day = 24 * Hour;
    private const long KiB = 1L << 10;
    private const long MiB = 1L << 20;
    private const long GiB = 1L << 30;

    /// <summary>The table, in the order of the documentation.</summary>
    public static IReadOnlyList<HubLimit> All { get; } =
    [
        Count("hop-limit", 1, 64, "Messages that may follow from one another", o => o.Messaging.HopLimit, (o, v) => o.Messaging.HopLimit = v),
        Count("pair-rate", 0, 1_000_000, "Messages per second that one agent may send another, sustained; 0 = no limit", o => o.Messaging.PairRatePerSecond, (o, v) => o.Messaging.PairRatePerSecond = v),
        Count("pair-burst", 1, 1_000_000, "Messages that one agent may send another at once before the rate counts", o => o.Messaging.PairBurst, (o, v) => o.Messaging.PairBurst = v),
        Count("budget-messages", 0, 1_000_000_000, "Messages that one agent may send, or be made to answer by connections, within a budget window; then it is paused; 0 = no limit", o => (int)o.Messaging.BudgetMessages, (o, v) => o.Messaging.BudgetMessages = v),
        Count("budget-tokens", 0, 1_000_000_000, "Tokens that the answers of one agent may report within a budget window; then it is paused; 0 = no limit", o => (int)o.Messaging.BudgetTokens, (o, v) => o.Messaging.BudgetTokens = v),
        Duration("budget-window", Minute, 31 * Day, "How long budgets count before they begin anew", o => o.Messaging.BudgetWindow, (o, v) => o.Messaging.BudgetWindow = v),
        Count("fan-out", 1, 100_000, "Different agents that one agent may write to within ten seconds", o => o.Messaging.FanOutLimit, (o, v) => o.Messaging.FanOutLimit = v),
        Count("mailbox-count", 1, 10_000_000, "Envelopes that one mailbox holds", o => o.Messaging.MailboxMaxCount, (o, v) => o.Messaging.MailboxMaxCount = v),
        Size("mailbox-bytes", MiB, 1024 * GiB, "Bytes that one mailbox holds", o => o.Messaging.MailboxMaxBytes, (o, v) => o.Messaging.MailboxMaxBytes = v),
        Count("delivery-window", 1, 65_536, "Deliveries that one session may leave unacknowledged", o => o.Messaging.DeliveryWindow, (o, v) => o.Messaging.DeliveryWindow = o.Sessions.Window = v),
        Size("delivery-window-bytes", 256 * KiB, GiB, "Bytes that may be on their way to one session", o => o.Messaging.DeliveryWindowBytes, (o, v) => o.Messaging.DeliveryWindowBytes = v),
        Size("open-body-bytes", MiB, GiB, "Bytes of chunked bodies that one session may have open while sending", o => o.Messaging.OpenBodyBytes, (o, v) => o.Messaging.OpenBodyBytes = v),
        Duration("default-ttl", Second, 30 * Day, "Time to live of a message whose sender names none", o => o.Messaging.DefaultTimeToLive, (o, v) => o.Messaging.DefaultTimeToLive = v),
        Duration("max-ttl", Second, 365 * Day, "Longest time to live; a longer wish is cut", o => o.Messaging.MaxTimeToLive, (o, v) => o.Messaging.MaxTimeToLive = v),
        Count("remembered-sends", 0, 1_000_000, "Finished sends of one agent that memory knows, so that a repeated id is known", o => o.Messaging.RememberedSends, (o, v) => o.Messaging.RememberedSends = v),
        Duration("node-timeout", Second, Minute, "How long another node may take to report on an envelope before it is stored here", o => o.Messaging.NodeTimeout, (o, v) => o.Messaging.NodeTimeout = v),
        Duration("heartbeat", Second, 10 * Minute, "Within this a silent link is pinged; two and a half times this in silence ends it", o => o.Sessions.Heartbeat, (o, v) => o.Sessions.Heartbeat = v),
        Duration("drain", 0, 5 * Minute, "Time over which links are asked to move, and deliveries may end, when the hub stops", o => o.Sessions.DrainSpread, (o, v) => o.Sessions.DrainSpread = v),
        Count("connections", 0, 10_000_000, "Connections that may be open at once, links included; 0 = no limit", o => o.Doors.MaxConnections, (o, v) => o.Doors.MaxConnections = v),
        Duration("handshake-timeout", 100, 5 * Minute, "Time for a TLS handshake, and then for a link's own", o => o.Doors.HandshakeTimeout, (o, v) => o.Doors.HandshakeTimeout = v),
        Duration("headers-timeout", Second, 5 * Minute, "Time from the first byte of an HTTP request to the end of its headers", o => o.Doors.HeadersTimeout, (o, v) => o.Doors.HeadersTimeout = v),
        Duration("idle-timeout", Second, Hour, "How long a connection may stay open without a request; a link is one for as long as it stands", o => o.Doors.IdleTimeout, (o, v) => o.Doors.IdleTimeout = v),
        Count("body-rate", 1, 1_000_000, "Slowest body of a request in bytes per second; links are not measured", o => (int)o.Doors.MinBodyBytesPerSecond, (o, v) => o.Doors.MinBodyBytesPerSecond = v),
        Duration("body-grace", 2 * Second, Minute, "Time before a body's rate counts", o => o.Doors.BodyGrace, (o, v) => o.Doors.BodyGrace = v),
        Count("bad-keys", 1, 100_000, "Bad keys from one address in a minute before keys from there are refused", o => o.Doors.BadKeysPerMinute, (o, v) => o.Doors.BadKeysPerMinute = v),
        Count("refused-joins", 1, 100_000, "Refused attempts to join from one address in a minute", o => o.Doors.RefusedJoinsPerMinute, (o, v) => o.Doors.RefusedJoinsPerMinute = v),
        Duration("stream-heartbeat", 100, 10 * Minute, "How long a stream of events may say nothing before a comment keeps it open", o => o.Doors.StreamHeartbeat, (o, v) => o.Doors.StreamHeartbeat = v),
        Count("agent-calls", 1, 100_000_000, "Calls of agents over HTTP by one credential in a minute", o => o.Doors.AgentCallsPerMinute, (o, v) => o.Doors.AgentCallsPerMinute = v),
        Duration("message-wait", Second, Hour, "How long the JSON-RPC method message waits for an agent to take its message", o => o.Doors.MessageWait, (o, v) => o.Doors.MessageWait = v),
        Duration("model-offline-wait", 0, 10 * Minute, "How long a call to a model waits for an agent that is offline", o => o.Conversations.OfflineWait, (o, v) => o.Conversations.OfflineWait = v),
        Duration("model-answer", Second, Day, "How long the answer of a model may take in all", o => o.Conversations.AnswerTimeout, (o, v) => o.Conversations.AnswerTimeout = v),
        Size("model-request-bytes", 64 * KiB, 256 * MiB, "Largest request to a model", o => o.Conversations.MaxRequestBytes, (o, v) => o.Conversations.MaxRequestBytes = (int)Math.Min(v, int.MaxValue)),
        Duration("response-retention", Minute, 365 * Day, "How long a response can be followed by previous_response_id", o => o.Conversations.Retention, (o, v) => o.Conversations.Retention = v),
        Count("responses", 1, 10_000_000, "Responses of one key that can be followed; the oldest are forgotten first", o => o.Conversations.MaxKept, (o, v) => o.Conversations.MaxKept = v),
        Count("mcp-sessions", 1, 100_000, "Sessions of MCP clients with one key", o => o.Mcp.MaxSessions, (o, v) => o.Mcp.MaxSessions = v),
        Duration("mcp-idle", Minute, 30 * Day, "How long such a session may be idle before its place is free", o => o.Mcp.Idle, (o, v) => o.Mcp.Idle = v),
        Count("mcp-pending", 1, 100_000, "Messages of one such session that may wait for answers", o => o.Mcp.MaxPending, (o, v) => o.Mcp.MaxPending = v),
        Duration("message-log-retention", Hour, 3650 * Day, "How long rows of the message log are kept", o => o.Log.Retention, (o, v) => o.Log.Retention = v),
        Count("message-log-queue", 1, 10_000_000, "Rows of the message log that may wait for the store; more are counted and lost", o => o.Log.QueueLength, (o, v) => o.Log.QueueLength = v),
        Size("message-log-content", 0, 16 * MiB, "Largest body whose content the log keeps in mode full; of a larger one its size stands there", o => o.Log.MaxContentBytes, (o, v) => o.Log.MaxContentBytes = v),
        Size("message-log-queue-bytes", MiB, GiB, "Content that may wait for the store; beyond it sizes stand in its place", o => o.Log.MaxQueuedBytes, (o, v) => o.Log.MaxQueuedBytes = v),
        Count("pending-contacts", 1, 1_000_000, "Undecided senders that an owner's list of contacts holds; messages of further ones are held just the same", o => o.PendingContacts, (o, v) => o.PendingContacts = v),
        Count("audit-rows", 1000, 100_000_000, "Acts that the audit keeps", o => o.AuditRows, (o, v) => o.AuditRows = v),
        Count("trace-percent", 0, 100, "Of a hundred messages, how many become a span when traces are sent over OTLP", o => o.TracePercent, (o, v) => o.TracePercent = v),
        Count("store-queue", 1000, 10_000_000, "Writes that may wait for the store; more are refused", o => o.StoreQueue, (o, v) => o.StoreQueue = v),
        Duration("outbound-connect-timeout", 100, 5 * Minute, "How long a connection to an address that somebody else chose may take to come up", o => o.Outbound.ConnectTimeout, (o, v) => o.Outbound.ConnectTimeout = v),
        Duration("outbound-response-timeout", Second, Hour, "How long the headers of an answer from there may take", o => o.Outbound.ResponseTimeout, (o, v) => o.Outbound.ResponseTimeout = v),
        Duration("outbound-idle-timeout", Second, Day, "How long such an answer may be silent once it began", o => o.Outbound.IdleTimeout, (o, v) => o.Outbound.IdleTimeout = v),
        Size("outbound-response-bytes", KiB, GiB, "Largest such answer that is read", o => o.Outbound.MaxResponseBytes, (o, v) => o.Outbound.MaxResponseBytes = v),
        Duration("room-wait", Second, 110 * Second, "How long a wait in a room is held before it answers that nothing came", o => o.Rooms.WaitLimit, (o, v) => o.Rooms.WaitLimit = v),
        Duration("room-token-lifetime", Minute, Day, "How long a token lives that sits in no room", o => o.Rooms.TokenLifetime, (o, v) => o.Rooms.TokenLifetime = v),
        Duration("room-waiting-lifetime", Minute, Day, "How long a room and its code wait for the second seat", o => o.Rooms.WaitingLifetime, (o, v) => o.Rooms.WaitingLifetime = v),
        Duration("room-headless-lifetime", Minute, 7 * Day, "The same for a headless listener", o => o.Rooms.HeadlessListenerLifetime, (o, v) => o.Rooms.HeadlessListenerLifetime = v),
        Duration("room-idle-lifetime", Minute, Day, "How long a room lives after both seats did something for the last time", o => o.Rooms.IdleLifetime, (o, v) => o.Rooms.IdleLifetime = v),
        Duration("room-tombstone", 30 * Second, Hour, "How long the last notices of a closed room can be read", o => o.Rooms.TombstoneLifetime, (o, v) => o.Rooms.TombstoneLifetime = v),
        Duration("room-joiner-lost", 2 * Minute, Day, "Silence of a joiner after which its host may invite another", o => o.Rooms.JoinerLostAfter, (o, v) => o.Rooms.JoinerLostAfter = v),
        Size("room-message-bytes", KiB, 16 * MiB, "Largest message of a room", o => o.Rooms.MaxMessageBytes, (o, v) => o.Rooms.MaxMessageBytes = (int)Math.Min(v, int.MaxValue)),
        Count("room-inbox-count", 16, 100_000, "Messages and notices that one seat may leave unread", o => o.Rooms.MaxInboxItems, (o, v) => o.Rooms.MaxInboxItems = v),
        Size("room-inbox-bytes", KiB, GiB, "Bytes that one seat may leave unread", o => o.Rooms.MaxInboxBytes, (o, v) => o.Rooms.MaxInboxBytes = v),
        Size("room-file-bytes", 0, GiB, "Bytes of all files in one room; 0 = no files", o => o.Rooms.MaxFileBytes, (o, v) => o.Rooms.MaxFileBytes = (int)Math.Min(v, int.MaxValue)),
        Count("room-files", 1, 1000, "Files in one room", o => o.Rooms.MaxFiles, (o, v) => o.Rooms.MaxFiles = v),
        Size("room-held-bytes", MiB, 1024 * GiB, "Bytes of messages and files that all rooms may hold in memory", o => o.Rooms.MaxHeldBytes, (o, v) => o.Rooms.MaxHeldBytes = v),
        Count("room-tokens", 2, 10_000_000, "Tokens of rooms, seated or not", o => o.Rooms.MaxTokens, (o, v) => o.Rooms.MaxTokens = v),
        Count("room-registrations", 1, 1_000_000, "Tokens made from one address in an hour", o => o.Rooms.RegistrationsPerHour, (o, v) => o.Rooms.RegistrationsPerHour = v),
        Count("room-makings", 1, 1_000_000, "Rooms made from one address in an hour", o => o.Rooms.RoomsPerHour, (o, v) => o.Rooms.RoomsPerHour = v),
        Count("room-joins", 1, 1_000_000, "Attempts to redeem a code from one address in an hour", o => o.Rooms.JoinsPerHour, (o, v) => o.Rooms.JoinsPerHour = v),
        Count("agent-connections", 1, 1_000_000, "Connections between agents that one owner may have", o => o.Connections.MaxPerOwner, (o, v) => o.Connections.MaxPerOwner = v),
        Size("event-bytes", KiB, MiB, "Largest data of one event", o => o.Connections.MaxEventBytes, (o, v) => o.Connections.MaxEventBytes = v),
        Count("chain-deliveries", 0, 100_000_000, "Deliveries that events of one trace may bring in about an hour; more are dead letters; 0 = no limit", o => o.Connections.ChainDeliveries, (o, v) => o.Connections.ChainDeliveries = v),
        Count("schedules", 1, 1_000_000, "Schedules that one owner may have", o => o.Connections.MaxSchedules, (o, v) => o.Connections.MaxSchedules = v),
        Size("state-bytes", KiB, MiB, "Largest state that one agent shares", o => o.Connections.MaxStateBytes, (o, v) => o.Connections.MaxStateBytes = v),
        Count("event-rate", 1, 10_000_000, "Events that one owner may emit in a minute, changes of states among them", o => o.Connections.EventsPerMinute, (o, v) => o.Connections.EventsPerMinute = v),
        Count("event-streams", 1, 100_000, "Streams of events, and waits for events and states, that may be open at the same time", o => o.Connections.MaxStreams, (o, v) => o.Connections.MaxStreams = v),
        Count("owner-event-streams", 1, 100_000, "Of these, how many callers of one owner may have; admins are not held to it", o => o.Connections.StreamsPerOwner, (o, v) => o.Connections.StreamsPerOwner = v),
        Duration("event-retention", Minute, 3650 * Day, "How long an event can be read again, unless a delivery needs it longer", o => o.Connections.EventRetention, (o, v) => o.Connections.EventRetention = v),
        Duration("delivery-retention", Minute, 3650 * Day, "How long a delivery that was taken is kept, with its attempts", o => o.Connections.DeliveryRetention, (o, v) => o.Connections.DeliveryRetention = v),
        Duration("dead-letter-retention", Minute, 3650 * Day, "How long a dead letter can be replayed", o => o.Connections.DeadLetterRetention, (o, v) => o.Connections.DeadLetterRetention = v),
        Duration("delivery-timeout", Second, Minute, "How long one attempt to deliver a webhook may take", o => o.Connections.Timeout, (o, v) => o.Connections.Timeout = v),
        Count("delivery-attempts", 1, 100, "Attempts until a delivery is a dead letter", o => o.Connections.MaxAttempts, (o, v) => o.Connections.MaxAttempts = v),
        Count("delivery-per-connection", 1, 1000, "Deliveries to one connection that may be under way at the same time", o => o.Connections.PerConnection, (o, v) => o.Connections.PerConnection = v),
        Count("delivery-concurrency", 1, 10_000, "Webhooks that may be under way at the same time", o => o.Connections.Concurrency, (o, v) => o.Connections.Concurrency = v),
        Duration("disable-after", Minute, 3650 * Day, "How long an address may fail without one success before its connection is disabled", o => o.Connections.DisableAfter, (o, v) => o.Connections.DisableAfter = v),
        Duration("task-retention", Minute, 3650 * Day, "How long a task is kept after its last change, unless an agent works on it", o => o.Tasks.Retention, (o, v) => o.Tasks.Retention = v),
        Count("task-open", 1, 1_000_000, "Messages of one owner that agents may have in hand through A2A", o => o.Tasks.MaxOpenPerOwner, (o, v) => o.Tasks.MaxOpenPerOwner = v),
        Count("task-count", 1, 100_000_000, "Tasks of one owner that the store keeps", o => o.Tasks.MaxPerOwner, (o, v) => o.Tasks.MaxPerOwner = v),
        Size("task-bytes", 64 * KiB, GiB, "Bytes of all events of one task, artifacts above all; beyond it the task fails", o => o.Tasks.MaxBytes, (o, v) => o.Tasks.MaxBytes = v),
        Count("task-events", 16, 10_000_000, "Events of one task; beyond it the task fails", o => o.Tasks.MaxEvents, (o, v) => o.Tasks.MaxEvents = v),
        Duration("task-silence", Minute, 30 * Day, "How long an agent that took a message may be silent before its task, or the turn of a connection, fails", o => o.Tasks.Silence, (o, v) => o.Tasks.Silence = v),
        Duration("task-store-wait", 0, Hour, "How long streams and waits of a task hold out while the store takes nothing; then they end with unavailable", o => o.Tasks.StoreWait, (o, v) => o.Tasks.StoreWait = v),
        Count("task-streams", 1, 100_000, "Streams that may follow one task at the same time", o => o.Tasks.MaxStreams, (o, v) => o.Tasks.MaxStreams = v),
        Count("task-push-configs", 1, 1000, "Push configs of one task", o => o.Tasks.MaxPushConfigs, (o, v) => o.Tasks.MaxPushConfigs = v),
        Duration("task-send-wait", Second, Hour, "How long a send waits for the task to end or to ask before it answers with the task as it is", o => o.Tasks.SendWait, (o, v) => o.Tasks.SendWait = v),
        Duration("task-held-wait", 0, Hour, "The same while the message waits for an agent that is offline", o => o.Tasks.HeldWait, (o, v) => o.Tasks.HeldWait = v),
        Duration("task-cancel-wait", 0, Minute, "How long a cancel waits for the agent's word", o => o.Tasks.CancelWait, (o, v) => o.Tasks.CancelWait = v),
        Duration("task-push-timeout", Second, Minute, "How long one push notification may take", o => o.Tasks.PushTimeout, (o, v) => o.Tasks.PushTimeout = v),
        Count("task-push-attempts", 1, 100, "How often a push notification is tried before what waits for its address is given up", o => o.Tasks.PushAttempts, (o, v) => o.Tasks.PushAttempts = v),
        Count("task-push-concurrency", 1, 10_000, "Push notifications that may be on their way at the same time", o => o.Tasks.PushConcurrency, (o, v) => o.Tasks.PushConcurrency = v),
        Count("signal-rate", 10, 1_000_000, "Signals to other agents that one agent may send in a minute", o => o.Signals.SignalsPerMinute, (o, v) => o.Signals.SignalsPerMinute = v),
        Size("signal-bytes", KiB, 128 * KiB, "Largest signal", o => o.Signals.MaxSignalBytes, (o, v) => o.Signals.MaxSignalBytes = v),
        Count("relay-circuits", 0, 100_000, "Relay circuits of one node; 0 = none are made", o => o.Signals.MaxCircuits, (o, v) => o.Signals.MaxCircuits = v),
        Count("relay-per-agent", 1, 100_000, "Relay circuits that one agent may have a part in", o => o.Signals.CircuitsPerAgent, (o, v) => o.Signals.CircuitsPerAgent = v),
        Size("relay-rate", 0, 1024 * GiB, "Bytes per second that one circuit may carry each way; 0 = no limit", o => o.Signals.CircuitBytesPerSecond, (o, v) => o.Signals.CircuitBytesPerSecond = v),
        Duration("relay-idle", Second, Day, "How long a circuit may carry nothing before it is cut", o => o.Signals.CircuitIdle, (o, v) => o.Signals.CircuitIdle = v),
        Duration("relay-entry", Second, 10 * Minute, "How long the two ends of a circuit have to come in", o => o.Signals.TicketLifetime, (o, v) => o.Signals.TicketLifetime = v),
        Count("visitors-per-agent", 1, 10_000, "Visitors of the page, and open invites, that one agent may have", o => o.Visitors.VisitorsPerAgent, (o, v) => o.Visitors.VisitorsPerAgent = v),
        Duration("invite-lifetime", Minute, 31 * Day, "Longest time that an invite, and the visit that follows, may last", o => o.Visitors.LongestInvite, (o, v) => o.Visitors.LongestInvite = v),
        Count("room-calls", 1, 1_000_000, "Sends, waits and pings of one token in a minute, each kind for itself", o => o.Rooms.CallsPerMinute, (o, v) => o.Rooms.CallsPerMinute = v),
        Count("stun-rate", 1, 1_000_000, "STUN answers to one address in a second; what is beyond is dropped", o => o.Stun.AnswersPerSecond, (o, v) => o.Stun.AnswersPerSecond = v),
    ];

    /// <summary>Sets limits as typed, <c>NAME=VALUE</c> each; the ranges are <see cref="Check"/>'s business.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: no such limit, or no such value.</exception>
    public static void Apply(HubOptions options, IEnumerable<string> settings)
    {
        foreach (var setting in settings)
        {
            var (name, value) = setting.Split('=', 2) is [var left, var right] ? (left.Trim(), right.Trim()) : (setting, null);
            var limit = All.FirstOrDefault(limit => limit.Name == name);
            if (limit is null || value is null)
            {
                throw new ParleyException(
                    ErrorCode.InvalidArgument,
                    limit is null ? $"There is no limit {name}: parley hub --print-config lists them." : $"--limit {name} needs a value, for example {name}={limit.Format(limit.Read(options))}.");
            }

            limit.Write(options, limit.Parse(value));
        }
    }

    /// <summary>Refuses options that break a range or exclude each other, before anything is opened.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>, in one sentence.</exception>
    public static void Check(HubOptions options)
    {
        foreach (var limit in All)
        {
            limit.Check(options);
        }

        if (options.Messaging.DefaultTimeToLive > options.Messaging.MaxTimeToLive)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "The limit default-ttl is longer than max-ttl.");
        }
    }

    private static HubLimit Count(string name, int min, int max, string description, Func<HubOptions, int> read, Action<HubOptions, int> write) =>
        new(name, LimitKind.Count, min, max, description, options => read(options), (options, value) => write(options, (int)Math.Min(value, int.MaxValue)));

    private static HubLimit Size(string name, long min, long max, string description, Func<HubOptions, long> read, Action<HubOptions, long> write) =>
        new(name, LimitKind.Size, min, max, description, read, write);

    private static HubLimit Duration(string name, long min, long max, string description, Func<HubOptions, TimeSpan> read, Action<HubOptions, TimeSpan> write) =>
        new(name, LimitKind.Duration, min, max, description, options => (long)read(options).TotalMilliseconds, (options, value) => write(options, TimeSpan.FromMilliseconds(value)));
}
