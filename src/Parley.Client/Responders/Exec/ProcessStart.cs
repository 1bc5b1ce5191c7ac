namespace Parley.Client.Responders.Exec;

/// <summary>What to start, and what to feed it.</summary>
/// <param name="Command">Program and arguments; the program is looked up in PATH.</param>
/// <param name="Environment">The whole environment, <c>NAME=value</c>.</param>
/// <param name="Marker">One entry of the environment that no other run has.</param>
/// <param name="Input">Standard input, then end of file.</param>
/// <param name="MaxOutputBytes">What is kept of each output stream; the rest is read and thrown away.</param>
internal sealed record ProcessStart(
    IReadOnlyList<string> Command,
    IReadOnlyList<string> Environment,
    string Marker,
    ReadOnlyMemory<byte> Input,
    int MaxOutputBytes)
{
    /// <summary>True: standard input stays open and is written to by <see cref="ProcessGroup.Input"/>, and all output is kept, for a program that talks for as long as it lives.</summary>
    public bool IsConversation { get; init; }
}

/// <summary>The next output of a process.</summary>
/// <param name="IsError">True for standard error.</param>
/// <param name="Bytes">The bytes.</param>
internal readonly record struct OutputChunk(bool IsError, ReadOnlyMemory<byte> Bytes);
