namespace Parley.Cli.Skill;

/// <summary>A file to be written, checked beforehand.</summary>
/// <param name="Path">Full path, all links followed.</param>
/// <param name="Content">The whole file.</param>
/// <param name="Mode">Its mode; that of the file that is there, where there is one.</param>
internal sealed record ProjectWrite(string Path, byte[] Content, UnixFileMode Mode);
