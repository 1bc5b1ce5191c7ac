namespace Parley.Client.Chat.Wire;

/// <summary>How an end begins on each path: who speaks, and what it has of the other.</summary>
/// <param name="VersionMin">Lowest version that it speaks.</param>
/// <param name="VersionMax">Highest one.</param>
/// <param name="Speaker">16 random bytes of its process: numbers of one speaker go on over sessions and paths, those of another begin anew.</param>
/// <param name="First">The first number that it still holds, or the next that it will use.</param>
/// <param name="Heard">The speaker that it heard last; zeros when none.</param>
/// <param name="Received">Up to which number it has everything of that speaker.</param>
/// <remarks>52 bytes: versions (2, 2) | speaker (16) | first (8) | heard (16) | received (8). What follows is of a newer program, and skipped.</remarks>
internal sealed record ChatHello(int VersionMin, int VersionMax, Guid Speaker, long First, Guid Heard, long Received)
{
    /// <summary>The only version.</summary>
    public const int Version = 1;
}
