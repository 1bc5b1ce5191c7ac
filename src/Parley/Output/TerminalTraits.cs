namespace Parley.Output;

/// <summary>What the standard streams are connected to.</summary>
/// <param name="IsInputTerminal">A person can type an answer.</param>
/// <param name="IsOutputTerminal">Standard output is a screen, so what others wrote must be made safe.</param>
/// <param name="IsErrorTerminal">Standard error is a screen.</param>
/// <param name="WantsColor">False with <c>NO_COLOR</c> or a dumb terminal.</param>
/// <param name="Width">Columns of the screen, asked when needed.</param>
internal sealed record TerminalTraits(bool IsInputTerminal, bool IsOutputTerminal, bool IsErrorTerminal, bool WantsColor, Func<int> Width)
{
    /// <summary>No terminal anywhere: files and pipes.</summary>
    public static TerminalTraits None { get; } = new(false, false, false, false, () => 80);
}
