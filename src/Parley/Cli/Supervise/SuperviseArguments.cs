using Parley.Client.Rooms.Supervision;
using Parley.Protocol.Errors;

namespace Parley.Cli.Supervise;

/// <summary>What the options and the environment of <c>parley supervise</c> come to. Pure.</summary>
/// <param name="Options">How the session begins.</param>
/// <param name="Plan">What answers.</param>
internal sealed record SuperviseArguments(SupervisorOptions Options, RunnerPlan Plan)
{
    /// <summary>The environment variable with the runner's command.</summary>
    public const string RunnerVariable = "A2A_RUNNER_COMMAND";

    private const string InviteVariable = "A2A_INVITE";

    /// <summary>Checks and joins what was given.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>, saying what is missing.</exception>
    public static SuperviseArguments Of(SuperviseWishes wishes, Func<string, string?> environment)
    {
        var mode = wishes.Mode switch
        {
            "host" => SupervisorMode.Host,
            "join" => SupervisorMode.Join,
            "listen" => SupervisorMode.Listen,
            _ => throw Wrong("--mode is host, join or listen."),
        };
        var options = new SupervisorOptions(mode, wishes.Label ?? wishes.Kind ?? "agent")
        {
            Goal = wishes.Goal,
            Code = CodeFor(mode, wishes, environment),
            IsHeadless = wishes.IsHeadless ?? mode == SupervisorMode.Listen,
            RunnerTimeout = wishes.RunnerTimeout,
        };
        return mode == SupervisorMode.Host && string.IsNullOrWhiteSpace(wishes.Goal)
            ? throw Wrong("A host says what it wants: --goal TEXT.")
            : new SuperviseArguments(options, PlanFor(wishes, environment));
    }

    private static string? CodeFor(SupervisorMode mode, SuperviseWishes wishes, Func<string, string?> environment) => mode switch
    {
        SupervisorMode.Join when wishes.ListenerCode is not null => throw Wrong("A listener code makes you the host: --mode host --listener-code CODE."),
        SupervisorMode.Join => NonEmpty(wishes.InviteCode) ?? NonEmpty(environment(InviteVariable)) ?? throw Wrong("A joiner needs an invite: --invite-code CODE."),
        SupervisorMode.Host when wishes.InviteCode is not null => throw Wrong("An invite makes you the joiner: --mode join --invite-code CODE."),
        SupervisorMode.Host => NonEmpty(wishes.ListenerCode),
        _ => wishes.InviteCode is null && wishes.ListenerCode is null ? null : throw Wrong("A listener makes its own code and takes none."),
    };

    private static RunnerPlan PlanFor(SuperviseWishes wishes, Func<string, string?> environment)
    {
        var command = NonEmpty(wishes.Command);
        var kind = wishes.Kind switch
        {
            null or "custom" => RunnerKind.Custom,
            "claude" => RunnerKind.Claude,
            "codex" => RunnerKind.Codex,
            "gemini" => RunnerKind.Gemini,
            _ => throw Wrong("--runner-kind is claude, codex, gemini or custom."),
        };
        if (kind != RunnerKind.Custom)
        {
            return command is null
                ? new RunnerPlan(kind) { Arguments = wishes.RunnerArguments, SkipsPermissions = wishes.SkipsPermissions }
                : throw Wrong("A runner is either a kind or a command of your own: --runner-command, or --runner-kind.");
        }

        if (wishes.SkipsPermissions || wishes.RunnerArguments.Count > 0)
        {
            throw Wrong("Permissions and further arguments are for the kinds claude, codex and gemini; put them into your own command.");
        }

        return new RunnerPlan(kind)
        {
            Command = command ?? NonEmpty(environment(RunnerVariable))
                ?? throw Wrong($"Nothing says what answers: give --runner-command CMD (or {RunnerVariable}), or --runner-kind claude, codex or gemini."),
        };
    }

    private static string? NonEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static ParleyException Wrong(string sentence) => new(ErrorCode.InvalidArgument, sentence);
}

/// <summary>The options as they were given.</summary>
internal sealed record SuperviseWishes
{
    /// <summary><c>--mode</c>.</summary>
    public string? Mode { get; init; }

    /// <summary><c>--agent-label</c>.</summary>
    public string? Label { get; init; }

    /// <summary><c>--runner-kind</c>.</summary>
    public string? Kind { get; init; }

    /// <summary><c>--runner-command</c>.</summary>
    public string? Command { get; init; }

    /// <summary><c>--runner-arg</c>.</summary>
    public IReadOnlyList<string> RunnerArguments { get; init; } = [];

    /// <summary><c>--dangerously-skip-permissions</c>.</summary>
    public bool SkipsPermissions { get; init; }

    /// <summary><c>--runner-timeout</c>.</summary>
    public TimeSpan? RunnerTimeout { get; init; }

    /// <summary><c>--goal</c>.</summary>
    public string? Goal { get; init; }

    /// <summary><c>--invite-code</c>.</summary>
    public string? InviteCode { get; init; }

    /// <summary><c>--listener-code</c>.</summary>
    public string? ListenerCode { get; init; }

    /// <summary><c>--headless</c>.</summary>
    public bool? IsHeadless { get; init; }
}
