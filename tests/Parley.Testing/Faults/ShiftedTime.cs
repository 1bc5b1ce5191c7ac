namespace Parley.Testing.Faults;

/// <summary>A clock that runs as it should and is wrong by a fixed span, as a machine's is that nobody set.</summary>
/// <param name="shift">How far it is ahead; negative: behind.</param>
public sealed class ShiftedTime(TimeSpan shift) : TimeProvider
{
    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + shift;
}
