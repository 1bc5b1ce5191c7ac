using System.CommandLine;
using Parley.Cli.PeerToPeer.Call;
using Parley.Client.Calls;
using Parley.Client.Peering;
using Parley.Client.Peering.Meetings;
using Parley.Protocol.Errors;
using Parley.Protocol.Formats;
using Parley.Protocol.Wire;

namespace Parley.Cli.PeerToPeer;

/// <summary><c>parley p2p call</c>: sound and pictures between two browsers, whose keys the two agents prove.</summary>
internal sealed class P2pCallCommand : ParleyCommand
{
    private readonly Argument<string?> _target = new("TARGET") { Arity = ArgumentArity.ZeroOrOne, Description = "An agent: name or owner.name. Without it: wait for a call" };
    private readonly Option<string> _share = new("--share") { HelpName = "WHAT", DefaultValueFactory = _ => "camera", Description = "camera or screen, each with sound" };
    private readonly Option<bool> _watch = new("--watch") { Description = "Send nothing: see and hear the other end only" };
    private readonly Option<string?> _from = new("--from") { HelpName = "NAME,...", Description = "While waiting: take calls of these agents without asking, and of nobody else" };
    private readonly Option<string> _timeout = new("--timeout") { HelpName = "D", DefaultValueFactory = _ => "5m", Description = "How long TARGET is waited for, up to 30d" };
    private readonly Option<bool> _noBrowser = new("--no-browser") { Description = "Open no browser: print the page's address" };

    public P2pCallCommand()
        : base(
            "call",
            "Call somebody at another machine: sound and pictures go from browser to browser",
            new Example("parley p2p call agent-b", "opens a page in your browser; agent-b runs parley p2p call"),
            new Example("parley p2p call", "wait for a call; the page asks before anything is sent"),
            new Example("parley p2p call agent-b --share screen", "show the screen instead of the camera"),
            new Example("parley p2p call --watch --from agent-a", "take calls of agent-a unasked, and send nothing"))
    {
        Add(_target);
        foreach (var option in (Option[])[_share, _watch, _from, _timeout, _noBrowser, CommonOptions.Json])
        {
            Add(option);
        }

        IceServerOptions.AddTo(this);

        OnRun(RunAsync);
    }

    private async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        var target = parsed.GetValue(_target);
        var patience = DurationText.ParseWait(parsed.GetValue(_timeout)!, _timeout.Name);
        var home = context.OpenHome();
        var screen = new CallScreen(context);
        await using var bridge = await CallBridge.StartAsync(OptionsOf(context, parsed), screen, context.Time, context.FillRandom, context.Loggers, cancellationToken);
        using var door = new BrowserDoor(home.FullPath, context.Environment);
        if (parsed.GetValue(_noBrowser) || !door.TryOpen(bridge.Address))
        {
            context.Terminal.Note("open this page in a browser of this machine; whoever opens it first has the call:");
            context.Terminal.Status(bridge.Address.AbsoluteUri);
        }

        var fingerprint = await bridge.WaitPageAsync(cancellationToken);
        await using var peering = await P2pHome.AttachAsync(context, parsed, target is null ? SessionRole.Call : SessionRole.Caller, [PeerPurpose.Call], cancellationToken, dtlsFingerprint: fingerprint);
        await bridge.ConfigureAsync(peering.HubStun, cancellationToken);
        var self = peering.Profile.Agent;
        var welcomed = parsed.GetValue(_from) is { } names ? AgentNames.Of(names, self) : null;
        await using var meeting = new PeerMeeting(
            peering, PeerPurpose.Call, self, target, patience, (session, token) => WelcomeAsync(bridge, session, welcomed, token), context.Time, context.Loggers.CreateLogger("Parley.Call"))
        {
            TellAsync = CallBridge.DeclineAsync,
        };
        meeting.Start();
        context.Terminal.Status(target is null ? "listening" : $"calling {target}");
        await bridge.RunAsync(meeting, cancellationToken);
        context.Terminal.Note("the call is over");
        return 0;
    }

    private static async Task<bool> WelcomeAsync(CallBridge bridge, IPeerSession session, HashSet<Protocol.Identity.AgentAddress>? welcomed, CancellationToken cancellationToken) =>
        welcomed?.Contains(session.Remote) ?? await bridge.AskAsync(session, cancellationToken);

    private CallOptions OptionsOf(CommandContext context, ParseResult parsed)
    {
        var share = parsed.GetValue(_share);
        if (share is not ("camera" or "screen"))
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "--share is camera or screen.");
        }

        return new CallOptions
        {
            Share = parsed.GetValue(_watch) ? "nothing" : share,
            IceServers = IceServerOptions.ServersOf(context, parsed),
        };
    }
}
