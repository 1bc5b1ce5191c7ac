using System.CommandLine;
using System.Runtime.InteropServices;
using Parley.Cli.Rooms;
using Parley.Client.Rooms;
using Parley.Client.Rooms.Supervision;
using Parley.Protocol.Errors;
using Parley.Protocol.Formats;

namespace Parley.Cli.Supervise;

/// <summary><c>parley supervise</c>: looks after a session, for agents that do not wake up by themselves.</summary>
internal sealed class SuperviseCommand : ParleyCommand
{
    private readonly RoomHubOptions _hub = new();
    private readonly Option<string?> _mode = new("--mode") { HelpName = "host|join|listen", Description = "Invite or call a listener; redeem an invite; wait for a host" };
    private readonly Option<string?> _label = new("--agent-label") { HelpName = "L", Description = "What the agent is called" };
    private readonly Option<string?> _command = new("--runner-command") { HelpName = "CMD", Description = "What answers: prompt on its standard input, answer on its standard output [default: $A2A_RUNNER_COMMAND]" };
    private readonly Option<string?> _kind = new("--runner-kind") { HelpName = "K", Description = "claude, codex or gemini, without a terminal and with its own permission checks; custom: --runner-command" };
    private readonly Option<string[]> _arguments = new("--runner-arg") { HelpName = "ARG", Description = "A further argument for claude, codex or gemini; can be given more than once" };
    private readonly Option<bool> _skipsPermissions = new("--dangerously-skip-permissions") { Arity = ArgumentArity.Zero, Description = "Tell claude, codex or gemini to ask for no permission: whoever is in the room can then have it do anything" };
    private readonly Option<string?> _timeout = new("--runner-timeout") { HelpName = "D", Description = "Stop a runner that takes longer, up to 30d, and leave [default: none]" };
    private readonly Option<string?> _goal = new("--goal") { HelpName = "TEXT", Description = "What a host asks for" };
    private readonly Option<string?> _invite = new("--invite-code") { HelpName = "CODE|-", Description = "The invite to redeem; - reads it from standard input [default: $A2A_INVITE]" };
    private readonly Option<string?> _listener = new("--listener-code") { HelpName = "CODE|-", Description = "The listener to call; - reads it from standard input" };
    private readonly Option<bool?> _headless = new("--headless") { HelpName = "true|false", Description = "Ask nobody [default: true for a listener; a host is asked on a terminal]" };
    private readonly Option<string?> _root = new("--session-root") { HelpName = "DIR", Description = "Where sessions are kept [default: a2a-supervisor in the folder for temporary files]" };
    private readonly Option<DirectoryInfo?> _workdir = new("--workdir") { HelpName = "DIR", Description = "Where the runner works [default: here]" };
    private readonly Option<bool> _plain = new("--plain") { Arity = ArgumentArity.Zero, Description = "Show messages without a frame" };
    private readonly Option<bool> _noTimestamps = new("--no-timestamps") { Arity = ArgumentArity.Zero, Description = "Show no times" };
    private readonly Option<bool> _status = new("--status") { Arity = ArgumentArity.Zero, Description = "Say what the sessions do, and do nothing" };
    private readonly Option<string?> _scriptDir = new("--script-dir") { Hidden = true };

    public SuperviseCommand()
        : base(
            "supervise",
            "Look after a room: run a command for each message and send what it answers",
            new Example("parley supervise --mode listen --agent-label builder --runner-kind claude", "an unattended machine; prints the listener code"),
            new Example("parley supervise --mode host --agent-label me --goal \"Find why the build fails\" --listener-code listen_... --runner-kind codex", "call it"),
            new Example("parley supervise --mode join --invite-code - --runner-command \"python3 answer.py\"", "any program: prompt on standard input, answer on standard output"),
            new Example("parley supervise --status", "what goes on"))
    {
        _hub.AddTo(this);
        foreach (var option in new Option[]
        {
            _mode, _label, _command, _kind, _arguments, _skipsPermissions, _timeout, _goal, _invite, _listener, _headless, _root, _workdir, _plain, _noTimestamps,
            _status, _scriptDir, CommonOptions.Json,
        })
        {
            Add(option);
        }

        OnRun(RunAsync);
    }

    private async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        var root = Path.GetFullPath(parsed.GetValue(_root) ?? Path.Combine(Path.GetTempPath(), "a2a-supervisor"));
        if (parsed.GetValue(_status))
        {
            SuperviseStatus.Print(context, root);
            return 0;
        }

        var arguments = SuperviseArguments.Of(await ReadWishesAsync(context, parsed, cancellationToken), context.Environment);
        var hub = _hub.Resolve(context, parsed);
        EnterWorkdir(parsed.GetValue(_workdir));
        await using var door = await RoomDoors.OpenAsync(context, hub, cancellationToken);
        var folder = SupervisorFolder.Create(root, FactsOf(hub, arguments), context.Time, context.FillRandom);
        var screen = new SuperviseScreen(context, parsed.GetValue(_plain), !parsed.GetValue(_noTimestamps));
        var runner = new SessionRunner(arguments.Plan, arguments.Options, context.Time, context.FillRandom) { Diagnostics = bytes => context.Terminal.WriteError(bytes.Span) };
        var supervisor = new Supervisor(arguments.Options, door, folder, runner, screen, context.Time, context.FillRandom);

        // An unattended listener outlives the terminal that it was started from.
        using var hangUp = arguments.Options is { Mode: SupervisorMode.Listen, IsHeadless: true }
            ? PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal => signal.Cancel = true)
            : null;
        try
        {
            return ExitOf(await supervisor.RunAsync(cancellationToken));
        }
        finally
        {
            context.Terminal.WriteLine($"SESSION_DIR: {folder.Session.Folder}");
        }
    }

    private static int ExitOf(SupervisorEnd end) => end switch
    {
        SupervisorEnd.Closed => 0,
        SupervisorEnd.Lost => throw new ParleyException(ErrorCode.RoomNotIn, "The hub does not know the room any more: it was restarted, or the room ran out. Ask your partner for a new code."),
        _ => throw new ParleyException(ErrorCode.ResponderFailed, "The runner failed, so the room was left; the session's folder has its files."),
    };

    private async Task<SuperviseWishes> ReadWishesAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        var mode = parsed.GetValue(_mode) ?? throw new ParleyException(ErrorCode.InvalidArgument, "--mode is host, join or listen.");
        var listenerCode = await CodeAsync(parsed.GetValue(_listener));
        var isHeadless = parsed.GetValue(_headless);
        if (isHeadless is null && mode == "host" && listenerCode is null)
        {
            isHeadless = await context.Terminal.ConfirmAsync("Shall the agents work without asking anybody (headless)?", cancellationToken);
        }

        return new SuperviseWishes
        {
            Mode = mode,
            Label = parsed.GetValue(_label),
            Kind = parsed.GetValue(_kind),
            Command = parsed.GetValue(_command),
            RunnerArguments = parsed.GetValue(_arguments) ?? [],
            SkipsPermissions = parsed.GetValue(_skipsPermissions),
            RunnerTimeout = parsed.GetValue(_timeout) is { } limit ? DurationText.ParseWait(limit, _timeout.Name) : null,
            Goal = parsed.GetValue(_goal),
            InviteCode = await CodeAsync(parsed.GetValue(_invite)),
            ListenerCode = listenerCode,
            IsHeadless = isHeadless,
        };

        async Task<string?> CodeAsync(string? given) => given is null ? null : await RoomJoinCommand.ReadCodeAsync(context, given, null, cancellationToken);
    }

    private static SessionFacts FactsOf(RoomHub hub, SuperviseArguments arguments) => new()
    {
        Mode = arguments.Options.Mode.ToString().ToLowerInvariant(),
        Status = SessionStatus.Starting,
        Hub = Addresses.Text(hub.Address),
        Pin = hub.Pin?.Value,
        InsecureHttp = hub.AllowInsecure ? true : null,
        Headless = arguments.Options.IsHeadless,
        AgentLabel = arguments.Options.Label,
        Goal = arguments.Options.Goal,
        RunnerKind = arguments.Plan.Kind.ToString().ToLowerInvariant(),
        Pid = Environment.ProcessId,
    };

    private static void EnterWorkdir(DirectoryInfo? folder)
    {
        if (folder is null)
        {
            return;
        }

        try
        {
            Directory.SetCurrentDirectory(folder.FullName);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, $"The folder {folder.FullName} cannot be entered.", exception);
        }
    }
}
