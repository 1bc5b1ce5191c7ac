using Parley.Hub.AgentApi.Tasks;
using Parley.Hub.AgentApi.Conversations;
using Parley.Hub.AgentApi.Mcp;
using Parley.Hub.Identity.Visitors;
using Parley.Hub.Identity.Keys;
using Parley.Hub.Connections;
using Parley.Hub.Connections.Log;
using Parley.Hub.Messaging;
using Parley.Hub.Outbound;
using Parley.Hub.Rooms;
using Parley.Hub.Sessions;
using Parley.Hub.Signalling;
using Parley.Hub.Telemetry;
using Parley.Hub.Transports;
using Parley.Hub.Transports.Stun;
using Parley.Sqlite;

namespace Parley.Hub;

/// <summary>What one hub process is told at its start. Ranges are held by <see cref="HubLimits"/>.</summary>
internal sealed class HubOptions
{
    /// <summary>Where HTTP/1.1 and WebSocket are spoken; with TLS also HTTP/2. Port 0 picks a free one.</summary>
    /// <value>http://127.0.0.1:7420.</value>
    public Uri Http { get; set; } = new("http://127.0.0.1:7420");

    /// <summary>Further addresses at which the same is spoken as at <see cref="Http"/>.</summary>
    /// <value>None.</value>
    public IReadOnlyList<Uri> FurtherHttp { get; set; } = [];

    /// <summary>Where gRPC is spoken in clear text; null with TLS, where one port serves both.</summary>
    /// <value>http://127.0.0.1:7421.</value>
    public Uri? Grpc { get; set; } = new("http://127.0.0.1:7421");

    /// <summary>The address that agents are told, when it is not the one listened on.</summary>
    public Uri? PublicUrl { get; set; }

    /// <summary>Further host names under which the hub is called, beyond its addresses, <c>localhost</c> and the public address; others are refused on routes that need a key.</summary>
    public IReadOnlyList<string> AllowedHosts { get; set; } = [];

    /// <summary>Folder of the database, the hub's keys and the admin key; mode 0700.</summary>
    public required string DataFolder { get; set; }

    /// <summary>Certificate of the HTTP address; null = clear text.</summary>
    public TlsOptions? Tls { get; set; }

    /// <summary>Allows clear text beyond loopback, for a hub behind something that ends TLS.</summary>
    public bool IsInsecureHttpAllowed { get; set; }

    /// <summary>What a commit survives.</summary>
    /// <value>Full.</value>
    public Durability Durability { get; set; } = Durability.Full;

    /// <summary>What the message log keeps.</summary>
    /// <value>Metadata.</value>
    public MessageLogMode MessageLog { get; set; } = MessageLogMode.Metadata;

    /// <summary>Limits of the message log.</summary>
    public LogOptions Log { get; } = new();

    /// <summary>Proxies in front of the hub, as addresses or networks: from them the address in <c>X-Forwarded-For</c> is the caller's, for rates, and <c>X-Forwarded-Proto</c> and <c>-Host</c> are the address in cards. From all others these headers are ignored.</summary>
    /// <value>None.</value>
    public IReadOnlyList<string> TrustedProxies { get; set; } = [];

    /// <summary>The agent that callers mean who name none: name, or owner.name. Null for none.</summary>
    public string? DefaultAgent { get; set; }

    /// <summary>Lifetimes, sizes and rates of rooms.</summary>
    public RoomOptions Rooms { get; } = new();

    /// <summary>Limits and times of connections, events and deliveries.</summary>
    public ConnectionOptions Connections { get; } = new();

    /// <summary>Calls to addresses that somebody else chose.</summary>
    public OutboundOptions Outbound { get; } = new();

    /// <summary>Undecided senders that one owner's list of contacts holds; messages of further ones are held just the same.</summary>
    /// <value>1 to 1,000,000; 1,000.</value>
    public int PendingContacts { get; set; } = 1_000;

    /// <summary>Acts that the audit keeps; the oldest go once a minute.</summary>
    /// <value>1,000 to 100,000,000; 100,000.</value>
    public int AuditRows { get; set; } = 100_000;

    /// <summary>Where traces and metrics are sent; null = nowhere.</summary>
    public OtlpOptions? Otlp { get; set; }

    /// <summary>Of a hundred messages, how many become a span when traces are sent.</summary>
    /// <value>0 to 100; 10.</value>
    public int TracePercent { get; set; } = 10;

    /// <summary>Writes that may wait for the store.</summary>
    /// <value>1,000 to 10,000,000; 100,000.</value>
    public int StoreQueue { get; set; } = 100_000;

    /// <summary>Limits and times of tasks.</summary>
    public TaskOptions Tasks { get; } = new();

    /// <summary>Limits of messaging.</summary>
    public MessagingOptions Messaging { get; } = new();

    /// <summary>Limits of agents as models of OpenAI.</summary>
    public ConversationOptions Conversations { get; } = new();

    /// <summary>Limits of MCP clients with a key.</summary>
    public McpSessionOptions Mcp { get; } = new();

    /// <summary>Web pages whose scripts may call agents as models, by their origin (<c>https://chat.example.org</c>), or <c>*</c> for all.</summary>
    /// <value>None.</value>
    public IReadOnlyList<string> CorsOrigins { get; set; } = [];

    /// <summary>Limits of signals and relay circuits between agents.</summary>
    public SignalOptions Signals { get; } = new();

    /// <summary>People on the hub's page.</summary>
    public VisitorOptions Visitors { get; } = new();

    /// <summary>The STUN server.</summary>
    public StunOptions Stun { get; } = new();

    /// <summary>How long the doors wait for slow clients.</summary>
    public DoorOptions Doors { get; } = new();

    /// <summary>Heartbeat, drain and the like.</summary>
    public SessionOptions Sessions { get; } = new();
}
