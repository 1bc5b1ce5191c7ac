using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Parley.Client.Peering;
using Parley.Client.Peering.Probes;
using Parley.Output;
using Parley.Protocol.Errors;
using Parley.Protocol.Formats;
using Parley.Protocol.Wire;
using Parley.WebRtc.Ice;

namespace Parley.Cli.PeerToPeer;

/// <summary><c>parley p2p doctor</c>: which ways there are to another machine, what the others came to and what would mend them.</summary>
internal sealed class P2pDoctorCommand : ParleyCommand
{
    private static readonly PathKind[] _kinds = [PathKind.DirectTcp, PathKind.DirectUdp, PathKind.Relayed];

    private readonly Argument<string?> _target = new("TARGET") { Description = "Whom to meet; without it, others' doctors are answered until Ctrl-C", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string> _timeout = new("--timeout") { HelpName = "TIME", Description = "How long the other end is waited for, up to 30d", DefaultValueFactory = _ => "30s" };

    public P2pDoctorCommand()
        : base(
            "doctor",
            "Try every way to another machine, and say what each came to",
            new Example("parley p2p doctor agent-b", "agent-b runs p2p recv, or doctor without a target"),
            new Example("parley p2p doctor", "answer others, until Ctrl-C"),
            new Example("parley p2p doctor agent-b --json", "for a program"))
    {
        Add(_target);
        Add(_timeout);
        TcpOptions.AddTo(this);
        IceServerOptions.AddTo(this);
        Add(CommonOptions.Json);
        OnRun(RunAsync);
    }

    private Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken) =>
        parsed.GetValue(_target) is { } target ? ProbeAsync(context, parsed, target, cancellationToken) : AnswerAsync(context, parsed, cancellationToken);

    private static async Task<int> AnswerAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var peering = await P2pHome.AttachAsync(context, parsed, SessionRole.Caller, [PeerPurpose.Probe], cancellationToken);
        context.Terminal.Status("answering");
        var answerer = new ProbeAnswerer(peering)
        {
            OnPath = (session, path) => context.Print(
                new P2pProbedJson(session.Remote.ToString(), P2pHome.WordOf(session.Trust), session.Phrase, PathKindName.WordOf(path.Kind), path.Reason),
                P2pJson.Compact.P2pProbedJson,
                static one => SafeText.Clean($"{one.Agent} ({one.Trust}): {one.Text}")),
        };
        await answerer.RunAsync(cancellationToken);
        return 0;
    }

    private async Task<int> ProbeAsync(CommandContext context, ParseResult parsed, string target, CancellationToken cancellationToken)
    {
        var patience = DurationText.ParseWait(parsed.GetValue(_timeout)!, _timeout.Name);
        IceReport? report = null;
        await using var peering = await P2pHome.AttachAsync(context, parsed, SessionRole.Caller, [], cancellationToken, one => report = one);
        await using var session = await P2pMeeting.OpenAsync(
            context, peering, target, PeerPurpose.Probe, patience, "it must run parley p2p recv, or parley p2p doctor without a target", cancellationToken);
        P2pHome.Introduce(context, session);
        var probe = new Probe(context.Time);
        var ways = new List<P2pWayJson>();
        foreach (var kind in _kinds)
        {
            var way = WayOf(kind, await probe.TryAsync(session, kind, cancellationToken), report);
            ways.Add(way);
            if (!context.IsJson)
            {
                Print(context, way, kind == PathKind.DirectUdp ? report : null);
            }
        }

        if (context.IsJson)
        {
            context.Terminal.WriteJson(JsonSerializer.Serialize(
                new P2pDoctorJson(session.Remote.ToString(), P2pHome.WordOf(session.Trust), session.Phrase, ways, report is null ? null : UdpReportText.ToJson(report)), P2pJson.Compact.P2pDoctorJson));
        }

        return ways.Exists(way => way.Works) ? 0 : ErrorMap.Of(ErrorCode.PeerUnreachable).Exit;
    }

    private static P2pWayJson WayOf(PathKind kind, ProbeResult result, IceReport? report) => new(
        PathKindName.WordOf(kind), result.Failure is null, result.Text, Mend(result, report), Milliseconds(result.Opened), Milliseconds(result.RoundTrip));

    private static string? Mend(ProbeResult result, IceReport? report) => (result.Failure, result.Kind) switch
    {
        (null, _) => null,
        (ErrorCode.PeerProof, _) => "somebody on the way changes what passes: use another network, or another hub",
        (_, PathKind.DirectTcp) => "let one of the machines take connections: open a port in its firewall or router and give it --port N, with --address IP when a router forwards it",
        (_, PathKind.DirectUdp) => UdpReportText.Mend(report),
        _ => "ask the hub's operator: --limit relay-circuits=N",
    };

    private static double? Milliseconds(TimeSpan? time) => time is { } some ? Math.Round(some.TotalMilliseconds, 2) : null;

    private static void Print(CommandContext context, P2pWayJson way, IceReport? report)
    {
        var times = way.Works ? string.Create(CultureInfo.InvariantCulture, $" (open in {way.OpenedMs} ms, round trip {way.RoundTripMs} ms)") : string.Empty;
        context.Terminal.WriteLine(SafeText.Clean($"{(way.Works ? "OK" : "FAIL"),-4} {way.Path}: {way.Text}{times}"));
        foreach (var line in report is null ? [] : UdpReportText.Lines(report))
        {
            context.Terminal.WriteLine(SafeText.Clean("     " + line));
        }

        if (way.Mend is { } mend)
        {
            context.Terminal.WriteLine($"     -> {mend}");
        }
    }
}
