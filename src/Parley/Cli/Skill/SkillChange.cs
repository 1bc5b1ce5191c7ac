namespace Parley.Cli.Skill;

/// <summary>What an install does, or would do, with one file.</summary>
/// <param name="Path">Relative to the project, with slashes.</param>
/// <param name="Action"><c>created</c>, <c>updated</c> (ours, and not touched since it was installed), <c>merged</c>, <c>unchanged</c>, or <c>kept</c> (somebody changed it, so it stays).</param>
/// <param name="Added">What a merge adds.</param>
/// <param name="Kept">What the user decided differently, and stays so.</param>
internal sealed record SkillChange(string Path, string Action, IReadOnlyList<string>? Added = null, IReadOnlyList<string>? Kept = null);
