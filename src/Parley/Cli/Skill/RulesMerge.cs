namespace Parley.Cli.Skill;

/// <summary>A configuration file with a template's rules in it.</summary>
/// <param name="Content">The file; the very bytes that were there, but for what was added.</param>
/// <param name="Added">What was added, one line each.</param>
/// <param name="Kept">Where the user had decided differently.</param>
internal sealed record RulesMerge(byte[] Content, IReadOnlyList<string> Added, IReadOnlyList<string> Kept);
