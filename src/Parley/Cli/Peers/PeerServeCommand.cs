using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Parley.Cli.A2a;
using Parley.Client.PeerApi;
using Parley.Client.PeerApi.Discovery;
using Parley.Client.PeerApi.Entries;
using Parley.Client.PeerApi.Proofs;
using Parley.Client.PeerApi.Rotation;
using Parley.Client.PeerApi.Serving;
using Parley.Client.Responders;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;

namespace Parley.Cli.Peers;

/// <summary><c>parley peer serve</c>: answers what peers ask.</summary>
internal sealed class PeerServeCommand : ParleyCommand
{
    /// <summary>Held while a home serves its peers.</summary>
    public const string LockName = "peer-serve";
    private static readonly TimeSpan _grace = TimeSpan.FromSeconds(10);

    private readonly ResponderOptions _responder = new();
    private readonly Option<int> _port = new("--port") { HelpName = "P", DefaultValueFactory = _ => PeerEntry.DefaultPort, Description = "Port; 0 picks one" };
    private readonly Option<string> _listen = new("--listen") { HelpName = "ADDRESS", DefaultValueFactory = _ => "127.0.0.1", Description = "Address to listen on; 0.0.0.0 is every one" };
    private readonly Option<bool> _discoverable = new("--discoverable") { Description = "Tell the local network name, port and fingerprint (multicast DNS), for parley peer discover" };
    private readonly Option<string?> _interface = new("--interface") { HelpName = "ADDRESS", Description = "An IPv4 address of this machine: the network that --discoverable tells [default: that of --listen, or the one that leads out]" };

    public PeerServeCommand()
        : base(
            "serve",
            "Answer what peers ask",
            new Example("parley peer serve --listen 0.0.0.0 --openai http://127.0.0.1:11434/v1 --model llama3.2", "a model answers, for all who are in peers.json"),
            new Example("parley peer serve --exec ./answer", "a program answers, on this machine alone"))
    {
        _responder.AddTo(this);
        Add(_port);
        Add(_listen);
        Add(_discoverable);
        Add(_interface);
        OnRun(RunAsync);
    }

    private async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        var home = context.OpenHome();
        var options = OptionsOf(parsed);
        using var network = OpenNetwork(parsed, options.Address);
        if (_responder.AsksAgents(parsed) || _responder.HasAllow(parsed))
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "peer serve has no hub: allow stands in peers.json for each peer, and send_to_agent is not there; peer_ask is.");
        }

        var peers = PeerHome.FileOf(context, home);
        peers.OnProblem = problem => context.Terminal.Note($"peers.json: {problem}");
        peers.Load();
        using var held = home.TryLock(LockName) ?? throw new ParleyException(ErrorCode.Conflict, "parley peer serve runs with this home already.");
        using var certificate = new ServedCertificate(new KeyRotation(home, context.Time).Current, context.Time, context.Loggers.CreateLogger<ServedCertificate>());
        using var spent = SpentTokens.Open(home.PathOf(SpentTokens.Name), context.Time);
        await using var tools = _responder.Tools(parsed, context, new AgentAddress("peer", "self"), null, home);
        var responder = _responder.Make(parsed, context, home, tools.Box)
            ?? throw new ParleyException(ErrorCode.InvalidArgument, "Say who answers: --exec, --http, --openai, or a command after --.");
        var policy = _responder.Policy(parsed, "peer") with { Senders = SenderPolicy.Everyone };
        await using var pipeline = new ResponderPipeline(responder, policy, context.Time, context.Loggers.CreateLogger<ResponderPipeline>());
        await using var server = await PeerServer.StartAsync(
            options with { MaxSessions = policy.Concurrency, Responder = ResponderOptions.KindOf(responder), RatesFile = home.PathOf(PeerRates.Name), OnSeen = new PeerSightings(home, context.Time).Note }, () => certificate.Context, peers, spent, pipeline,
            context.Time, context.FillRandom, PeerHome.RotationsOf(context, home), context.Loggers, cancellationToken);
        context.Terminal.Status($"serving peers as {peers.Current.Name} on {server.Address.GetLeftPart(UriPartial.Authority)}");
        await using var announcer = network is null ? null : PeerAnnouncer.Start(
            network, () => new PeerAnnouncement(peers.Current.Name, server.Address.Port, certificate.Pin, [options.Address.Equals(IPAddress.Any) ? network.OwnAddress : options.Address]),
            context.Time, context.FillRandom, context.Loggers.CreateLogger<PeerAnnouncer>());
        await StopSignals.WaitAsync(context.Time, cancellationToken);
        await pipeline.DrainAsync(_grace);
        return 0;
    }

    // Opened before anything is served: a network that is not there is told at once.
    private MulticastSocket? OpenNetwork(ParseResult parsed, IPAddress listen)
    {
        var named = parsed.GetValue(_interface);
        if (!parsed.GetValue(_discoverable))
        {
            return named is null ? null : throw new ParleyException(ErrorCode.InvalidArgument, "--interface belongs to --discoverable.");
        }

        if (IPAddress.IsLoopback(listen) && named is null)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, $"--discoverable tells others where this home serves, and nobody else reaches {listen}: add --listen 0.0.0.0, or the address of one network.");
        }

        var isOfOneNetwork = listen.AddressFamily == AddressFamily.InterNetwork && !listen.Equals(IPAddress.Any);
        return MulticastSocket.Listening(LocalNetwork.Choose(named ?? (isOfOneNetwork ? listen.ToString() : null)));
    }

    private PeerServerOptions OptionsOf(ParseResult parsed)
    {
        var port = parsed.GetValue(_port);
        return IPAddress.TryParse(parsed.GetValue(_listen), out var address) && port is >= 0 and <= ushort.MaxValue
            ? new PeerServerOptions { Address = address, Port = port, Version = Versions.Software }
            : throw new ParleyException(ErrorCode.InvalidArgument, "--listen is an IP address, --port 0 to 65535.");
    }
}
