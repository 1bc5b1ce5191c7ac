using Parley.Hub.Identity.Keys;
using System.Globalization;
using Parley.Hub;
using Parley.Hub.Connections;
using Parley.Hub.Outbound;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Sqlite;

namespace Parley.Cli.Hosting;

/// <summary>The options of <c>parley hub</c> as typed; null where none was given.</summary>
internal sealed record HubArguments
{
    private const int DefaultHttpPort = 7420;

    /// <summary><c>--listen URL</c>, each.</summary>
    public IReadOnlyList<string> Listen { get; init; } = [];

    /// <summary><c>--grpc URL</c>.</summary>
    public string? Grpc { get; init; }

    /// <summary><c>--public-url URL</c>.</summary>
    public string? PublicUrl { get; init; }

    /// <summary><c>--data DIR</c>.</summary>
    public string? Data { get; init; }

    /// <summary><c>--tls self|CERT,KEY</c>.</summary>
    public string? Tls { get; init; }

    /// <summary><c>--insecure-http</c>.</summary>
    public bool IsInsecureHttpAllowed { get; init; }

    /// <summary><c>--message-log full|metadata|off</c>.</summary>
    public string? MessageLog { get; init; }

    /// <summary><c>--durability full|normal</c>.</summary>
    public string? Durability { get; init; }

    /// <summary><c>--pair-rate N</c>, short for one limit.</summary>
    public int? PairRate { get; init; }

    /// <summary><c>--trusted-proxy ADDRESS|NETWORK</c>.</summary>
    public IReadOnlyList<string> TrustedProxies { get; init; } = [];

    /// <summary><c>--default-agent NAME</c>.</summary>
    public string? DefaultAgent { get; init; }

    /// <summary><c>--stun-port [PORT]</c>.</summary>
    public int? StunPort { get; init; }

    /// <summary><c>--no-page</c>.</summary>
    public bool IsPageOff { get; init; }

    /// <summary><c>--no-room-rates</c>.</summary>
    public bool AreRoomRatesLifted { get; init; }

    /// <summary><c>--cors ORIGIN|*</c>.</summary>
    public IReadOnlyList<string> CorsOrigins { get; init; } = [];

    /// <summary><c>--match-history</c>.</summary>
    public bool MatchesHistory { get; init; }

    /// <summary><c>--owners-connect</c>.</summary>
    public bool OwnersConnect { get; init; }

    /// <summary><c>--otlp URL</c>.</summary>
    public string? Otlp { get; init; }

    /// <summary><c>--allow-outbound HOST|CIDR</c>, each.</summary>
    public IReadOnlyList<string> AllowOutbound { get; init; } = [];

    /// <summary><c>--outbound-port PORT</c>, each.</summary>
    public IReadOnlyList<int> OutboundPorts { get; init; } = [];

    /// <summary><c>--limit NAME=VALUE</c>, each.</summary>
    public IReadOnlyList<string> Limits { get; init; } = [];

    /// <summary>Turns options and environment into what the hub is told; an option wins over a variable.</summary>
    /// <param name="environment">The variables that older deployments set.</param>
    /// <param name="defaultData">The data folder when nothing names one.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>.</exception>
    public HubOptions ToOptions(HubEnvironment environment, string defaultData)
    {
        var tls = Tls is null ? null : TlsOptions.Parse(Tls);
        var listen = ReadHttp(environment, tls);
        var http = listen[0];
        var grpc = ReadGrpc(http, tls);
        var ports = listen.Append<Uri?>(grpc).Where(address => address is { Port: > 0 });
        if (ports.GroupBy(address => address!.Authority).Any(same => same.Skip(1).Any()))
        {
            throw Wrong("An address is listened on once: --listen and --grpc name different ones.");
        }

        var options = new HubOptions
        {
            DataFolder = Path.GetFullPath(Data ?? environment.DataFolder ?? defaultData),
            Http = http,
            FurtherHttp = listen[1..],
            Grpc = grpc,
            PublicUrl = ReadPublic(environment, http),
            Tls = tls,
            IsInsecureHttpAllowed = IsInsecureHttpAllowed,
            TrustedProxies = TrustedProxies,
            CorsOrigins = [.. CorsOrigins.Select(ReadOrigin)],
            MessageLog = Read(MessageLog, MessageLogMode.Metadata, "--message-log", "full, metadata or off"),
            Durability = ReadDurability(environment),
            Otlp = environment.Telemetry.ToOptions(Otlp),
            DefaultAgent = ReadAgent(DefaultAgent),
        };
        environment.Apply(options.Rooms);
        options.Visitors.IsPageServed = !IsPageOff;
        options.Rooms.AreRatesLimited = !AreRoomRatesLifted;
        options.Conversations.MatchesHistory = MatchesHistory;
        options.Connections.AreOwnersAllowed = OwnersConnect;
        if (PairRate is { } rate)
        {
            options.Messaging.PairRatePerSecond = rate;
        }

        options.Outbound.Allowed = OutboundAllowList.Parse(AllowOutbound);
        options.Outbound.Ports = OutboundPorts.All(port => port is > 0 and <= ushort.MaxValue) ? OutboundPorts : throw Wrong("--outbound-port is 1 to 65535.");
        options.Stun.Port = StunPort is null or (>= 0 and <= ushort.MaxValue) ? StunPort : throw Wrong("--stun-port is 0 to 65535; 0 picks a free one.");
        HubLimits.Apply(options, Limits);
        HubLimits.Check(options);

        return options;
    }

    private Uri[] ReadHttp(HubEnvironment environment, TlsOptions? tls)
    {
        var scheme = tls is null ? Uri.UriSchemeHttp : Uri.UriSchemeHttps;
        return Listen.Count == 0
            ? [new Uri(string.Create(CultureInfo.InvariantCulture, $"{scheme}://127.0.0.1:{environment.HttpPort ?? DefaultHttpPort}"))]
            : [.. Listen.Select(text => ReadListen(text, scheme, tls))];
    }

    private static Uri ReadListen(string text, string scheme, TlsOptions? tls)
    {
        var address = ReadAddress(text, "--listen");
        return address.Scheme == scheme
            ? address
            : throw Wrong(tls is null ? "--listen with https needs --tls self or --tls CERT,KEY." : "With --tls the address of --listen is https.");
    }

    // Beside HTTP, on the next port: 7421 by default; port 0 stays "any free one".
    private Uri? ReadGrpc(Uri http, TlsOptions? tls)
    {
        if (tls is not null)
        {
            return Grpc is null ? null : throw Wrong("With --tls one port serves HTTP and gRPC: leave --grpc away.");
        }

        if (Grpc is null)
        {
            return new UriBuilder(http) { Port = http.Port == 0 ? 0 : http.Port + 1 }.Uri;
        }

        var address = ReadAddress(Grpc, "--grpc");
        return address.Scheme == Uri.UriSchemeHttp ? address : throw Wrong("--grpc is http://HOST:PORT; with TLS one port serves both.");
    }

    private Uri? ReadPublic(HubEnvironment environment, Uri http)
    {
        if (PublicUrl is not null)
        {
            return ReadAddress(PublicUrl, "--public-url");
        }

        return environment.PublicHost is { } host ? new UriBuilder(http) { Host = host }.Uri : null;
    }

    private Durability ReadDurability(HubEnvironment environment) => Durability switch
    {
        null => environment.IsMemoryOnly ? Sqlite.Durability.Memory : Sqlite.Durability.Full,
        "full" => Sqlite.Durability.Full,
        "normal" => Sqlite.Durability.Normal,
        _ => throw Wrong("--durability is full or normal."),
    };

    private static string? ReadAgent(string? text) =>
        text is null || Names.IsValid(text) || AgentAddress.TryParse(text, out _) ? text : throw Wrong("--default-agent is a name, or owner.name.");

    private static Uri ReadAddress(string text, string option) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" &&
        address is { PathAndQuery: "/", UserInfo: "", Fragment: "", Host.Length: > 0 }
            ? address
            : throw Wrong($"{option} is http://HOST:PORT or https://HOST:PORT.");

    // As browsers send it: no path, no slash at the end.
    private static string ReadOrigin(string text) =>
        text == "*" ? text : ReadAddress(text, "--cors").GetLeftPart(UriPartial.Authority);

    private static T Read<T>(string? text, T otherwise, string option, string choices)
        where T : struct, Enum
    {
        if (text is null)
        {
            return otherwise;
        }

        return Enum.TryParse<T>(text, ignoreCase: true, out var value) && text.All(char.IsAsciiLetterLower) ? value : throw Wrong($"{option} is {choices}.");
    }

    private static ParleyException Wrong(string message) => new(ErrorCode.InvalidArgument, message);
}
