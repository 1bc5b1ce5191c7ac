namespace Parley.Cli.Skill;

/// <summary>A coding agent that the skill can be installed for: where it looks for skills and rules.</summary>
/// <param name="Name">As <c>--for</c> takes it.</param>
/// <param name="Own">Files of ours that go to places of the tool's: the skill's file, and the path in the project.</param>
/// <param name="Template">The permission template among the skill's files.</param>
/// <param name="Settings">The tool's configuration, into which the template is merged.</param>
/// <remarks>All four read <c>.agents/skills</c> or a place of their own: Claude Code and Copilot get a copy of SKILL.md there. The scripts are in one place only, since rules name them by path.</remarks>
internal sealed record SkillTool(string Name, IReadOnlyList<(string File, string Path)> Own, string Template, string Settings)
{
    /// <summary>The tools.</summary>
    public static IReadOnlyList<SkillTool> All { get; } =
    [
        new("claude", [("SKILL.md", ".claude/skills/parley/SKILL.md")], "settings/claude.json", ".claude/settings.json"),
        new("codex", [("settings/codex.rules", ".codex/rules/parley.rules")], "settings/codex.toml", ".codex/config.toml"),
        new("gemini", [], "settings/gemini.json", ".gemini/settings.json"),
        new("copilot", [("SKILL.md", ".github/skills/parley/SKILL.md")], "settings/copilot.json", ".vscode/settings.json"),
    ];
}
