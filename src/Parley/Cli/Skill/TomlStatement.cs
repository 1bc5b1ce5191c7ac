namespace Parley.Cli.Skill;

/// <summary>A statement of a TOML file: a table's header, or a key with its value.</summary>
/// <param name="Path">The full name, tables included.</param>
/// <param name="Table">The table in which it stands, or that it opens; empty before the first header.</param>
/// <param name="Value">The value as it is written; null for a header.</param>
/// <param name="End">The index after its last character.</param>
/// <param name="IsArrayItem">Whether it is a header of the form <c>[[name]]</c>.</param>
internal sealed record TomlStatement(string[] Path, string[] Table, string? Value, int End, bool IsArrayItem = false)
{
    /// <summary>Whether the full name is this one.</summary>
    public bool IsNamed(ReadOnlySpan<string> path) => Path.AsSpan().SequenceEqual(path);
}
