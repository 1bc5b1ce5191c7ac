namespace Parley.Cli;

/// <summary>A command line to paste, shown at the end of a command's help.</summary>
/// <param name="Line">The command line, <c>parley</c> included.</param>
/// <param name="Does">What it does, in a few words.</param>
internal sealed record Example(string Line, string Does);
