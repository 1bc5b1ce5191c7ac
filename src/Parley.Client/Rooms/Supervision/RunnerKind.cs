namespace Parley.Client.Rooms.Supervision;

/// <summary>What answers a partner's messages.</summary>
public enum RunnerKind
{
    /// <summary>A command of the user's own: prompt on standard input, answer on standard output or in the response file.</summary>
    Custom,

    /// <summary>Claude Code, without a terminal.</summary>
    Claude,

    /// <summary>Codex, without a terminal.</summary>
    Codex,

    /// <summary>Gemini CLI, without a terminal.</summary>
    Gemini,
}
