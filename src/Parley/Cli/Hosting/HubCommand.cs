using Parley.Hub.Identity.Keys;
using System.CommandLine;
using System.Text.Json;
using Parley.Hub;
using Parley.Hub.Transports.Stun;

namespace Parley.Cli.Hosting;

/// <summary><c>parley hub</c>: the process that agents link to.</summary>
internal sealed class HubCommand : ParleyCommand
{
    private readonly Option<string[]> _listen = new("--listen") { HelpName = "URL", Description = "Where HTTP is spoken; port 0 picks a free one; may be repeated, commands on this machine use the first [default: http://127.0.0.1:7420]" };
    private readonly Option<string?> _grpc = new("--grpc") { HelpName = "URL", Description = "Where gRPC is spoken without TLS; with TLS one port serves both [default: the next port]" };
    private readonly Option<string?> _publicUrl = new("--public-url") { HelpName = "URL", Description = "The address that agents are told, when it is not the one listened on" };
    private readonly Option<string?> _data = new("--data") { HelpName = "DIR", Description = "Database, keys and the admin key, mode 0700 [default: HOME/hub]" };
    private readonly Option<string?> _tls = new("--tls") { HelpName = "self|CERT,KEY", Description = "The hub's own certificate, which agents pin, or two PEM files" };
    private readonly Option<bool> _insecureHttp = new("--insecure-http") { Description = "Allow clear text beyond this machine, behind something that ends TLS" };
    private readonly Option<string?> _messageLog = new("--message-log") { HelpName = "full|metadata|off", Description = "What the message log keeps: content too, who and when, or nothing [default: metadata]" };
    private readonly Option<string?> _durability = new("--durability") { HelpName = "full|normal", Description = "What a commit survives: a power cut, or a killed process [default: full]" };
    private readonly Option<int?> _pairRate = new("--pair-rate") { HelpName = "N", Description = "Messages per second that one agent may send another, 0 = no limit [default: 200]" };
    private readonly Option<string[]> _trustedProxies = new("--trusted-proxy") { HelpName = "ADDRESS|NETWORK", Description = "A proxy whose X-Forwarded-For, -Proto and -Host tell who called and what was asked; may be repeated" };
    private readonly Option<string?> _defaultAgent = new("--default-agent") { HelpName = "NAME", Description = "The agent that callers of the HTTP doors mean who name none" };
    private readonly Option<int?> _stunPort = new("--stun-port") { HelpName = "PORT", Arity = ArgumentArity.ZeroOrOne, Description = "Tell agents their public address over STUN, on this UDP port; 3478 when no number is given [default: off]" };
    private readonly Option<bool> _noPage = new("--no-page") { Description = "Serve no page at /p2p, so that agents cannot invite people by a link" };
    private readonly Option<bool> _noRoomRates = new("--no-room-rates") { Description = "Count no rates of rooms; for load tests" };
    private readonly Option<string[]> _cors = new("--cors") { HelpName = "ORIGIN|*", Description = "Web pages whose scripts may call agents as models (/v1), such as https://chat.example.org; may be repeated" };
    private readonly Option<bool> _matchHistory = new("--match-history") { Description = "A chat completion whose history equals one that an agent answered goes on in that thread" };
    private readonly Option<bool> _ownersConnect = new("--owners-connect") { Description = "Let owners connect their own agents; else admins alone do" };
    private readonly Option<string?> _otlp = new("--otlp") { HelpName = "URL", Description = "Send traces and metrics to this collector, HTTP with protobuf [default: $OTEL_EXPORTER_OTLP_ENDPOINT]" };
    private readonly Option<string[]> _allowOutbound = new("--allow-outbound") { HelpName = "HOST|CIDR", Description = "Call this host or network too when a webhook or a remote agent is there; public addresses are always called; may be repeated" };
    private readonly Option<int[]> _outboundPort = new("--outbound-port") { HelpName = "PORT", Description = "Call others' addresses at this port only; may be repeated [default: any]" };
    private readonly Option<string[]> _limit = new("--limit") { HelpName = "NAME=VALUE", Description = "Sets a limit; may be repeated. --print-config lists them, docs/hub-options.md explains them" };
    private readonly Option<bool> _printConfig = new("--print-config") { Description = "Print what these options come to and stop" };

    public HubCommand()
        : base(
            "hub",
            "Run a hub",
            new Example("parley hub", "on this machine alone: HTTP on 7420, gRPC on 7421"),
            new Example("parley hub --listen https://0.0.0.0:7420 --public-url https://hub.example.org:7420 --tls self", "for other machines, with a certificate of its own"),
            new Example("parley hub --limit mailbox-bytes=1GiB --limit default-ttl=72h", "with larger mailboxes that keep longer"),
            new Example("parley hub --listen https://0.0.0.0:7420 --tls self --stun-port 3478", "and tells agents behind NAT their public address"),
            new Example("parley hub --data /var/lib/parley --print-config", "what these options come to"))
    {
        foreach (var option in new Option[] { _listen, _grpc, _publicUrl, _data, _tls, _insecureHttp, _messageLog, _durability, _pairRate, _limit, _otlp, _trustedProxies, _defaultAgent, _stunPort, _allowOutbound, _outboundPort, _noPage, _noRoomRates, _cors, _matchHistory, _ownersConnect, _printConfig })
        {
            Add(option);
        }

        _data.Recursive = true;
        Add(new HubBackupCommand(_data));
        Add(new HubRestoreCommand(_data));
        OnRun(RunAsync);
    }

    private async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        var arguments = new HubArguments
        {
            Listen = parsed.GetValue(_listen) ?? [],
            Grpc = parsed.GetValue(_grpc),
            PublicUrl = parsed.GetValue(_publicUrl),
            Data = parsed.GetValue(_data),
            Tls = parsed.GetValue(_tls),
            IsInsecureHttpAllowed = parsed.GetValue(_insecureHttp),
            MessageLog = parsed.GetValue(_messageLog),
            Durability = parsed.GetValue(_durability),
            PairRate = parsed.GetValue(_pairRate),
            TrustedProxies = parsed.GetValue(_trustedProxies) ?? [],
            AllowOutbound = parsed.GetValue(_allowOutbound) ?? [],
            OutboundPorts = parsed.GetValue(_outboundPort) ?? [],
            DefaultAgent = parsed.GetValue(_defaultAgent),
            StunPort = parsed.GetResult(_stunPort) is null ? null : parsed.GetValue(_stunPort) ?? StunOptions.DefaultPort,
            IsPageOff = parsed.GetValue(_noPage),
            AreRoomRatesLifted = parsed.GetValue(_noRoomRates),
            CorsOrigins = parsed.GetValue(_cors) ?? [],
            MatchesHistory = parsed.GetValue(_matchHistory),
            OwnersConnect = parsed.GetValue(_ownersConnect),
            Otlp = parsed.GetValue(_otlp),
            Limits = parsed.GetValue(_limit) ?? [],
        };
        var isPrinting = parsed.GetValue(_printConfig);
        var options = arguments.ToOptions(HubEnvironment.Read(context.Environment), context.LocateHome("hub"));
        if (isPrinting)
        {
            context.Terminal.WriteJson(JsonSerializer.Serialize(HubConfigJson.Of(options), CliJson.Indented.HubConfigJson));
            return 0;
        }

        await using var hub = await RunningHub.StartAsync(options, context, cancellationToken);
        context.Terminal.Note($"the admin key is in {Path.Combine(options.DataFolder, AdminKey.FileName)}");
        context.Terminal.Status($"ready http {hub.File.Http} grpc {hub.File.Grpc}");
        await StopSignals.WaitAsync(context.Time, cancellationToken);
        await hub.StopAsync();
        return 0;
    }
}

/// <summary>What <c>hub --print-config</c> prints.</summary>
internal sealed record HubConfigJson(
    string Http,
    IReadOnlyList<string> FurtherHttp,
    string? Grpc,
    string? PublicUrl,
    string Data,
    string Tls,
    bool InsecureHttp,
    string MessageLog,
    string Durability,
    int PairRate,
    IReadOnlyList<string> TrustedProxies,
    IReadOnlyList<string> AllowOutbound,
    IReadOnlyList<int> OutboundPorts,
    string? DefaultAgent,
    int? StunPort,
    bool Page,
    bool RoomRates,
    IReadOnlyList<string> Cors,
    bool MatchHistory,
    bool OwnersConnect,
    string? AdminToken,
    string Otlp,
    IReadOnlyDictionary<string, string> Limits)
{
    /// <summary>The effective values.</summary>
    public static HubConfigJson Of(HubOptions options) => new(
        Addresses.Text(options.Http),
        [.. options.FurtherHttp.Select(Addresses.Text)],
        options.Grpc is { } grpc ? Addresses.Text(grpc) : null,
        options.PublicUrl is { } url ? Addresses.Text(url) : null,
        options.DataFolder,
        options.Tls switch { null => "off", { IsSelfMade: true } => "self", var files => $"{files.CertificateFile},{files.KeyFile}" },
        options.IsInsecureHttpAllowed,
        Word(options.MessageLog),
        Word(options.Durability),
        options.Messaging.PairRatePerSecond,
        options.TrustedProxies,
        options.Outbound.Allowed.Entries,
        options.Outbound.Ports,
        options.DefaultAgent,
        options.Stun.Port,
        options.Visitors.IsPageServed,
        options.Rooms.AreRatesLimited,
        options.CorsOrigins,
        options.Conversations.MatchesHistory,
        options.Connections.AreOwnersAllowed,
        options.Rooms.AdminToken is null ? null : "(set)",
        options.Otlp switch { null => "off", { Endpoint: { } otlp } => Addresses.Text(otlp), _ => "by OTEL_* variables" },
        HubLimits.All.ToDictionary(limit => limit.Name, limit => limit.Format(limit.Read(options))));

    private static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
