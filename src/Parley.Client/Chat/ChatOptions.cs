using Parley.Client.Peering;

namespace Parley.Client.Chat;

/// <summary>How much of everything a chat takes, and how patient it is.</summary>
public sealed record ChatOptions
{
    /// <summary>Longest text of a message, or name of a file, in bytes of UTF-8.</summary>
    /// <value>16 KiB; both ends keep to it.</value>
    public const int MaxTextBytes = 16 << 10;

    /// <summary>What may be said and not be acknowledged; then a speaker waits.</summary>
    /// <value>256.</value>
    public int MaxHeld { get; init; } = 256;

    /// <summary>Files that are offered or under way at once, of both ends together; further offers are declined.</summary>
    /// <value>16.</value>
    public int MaxFiles { get; init; } = 16;

    /// <summary>Silence after which a path counts as broken; a quarter of it is how often an end that has nothing to say says so.</summary>
    /// <value>20 seconds.</value>
    public TimeSpan MaxSilence { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Paths in a row that broke before anything was heard on them; then the session is given up.</summary>
    /// <value>5.</value>
    public int MaxIdlePaths { get; init; } = 5;

    /// <summary>How long who leaves waits for a path to say so, and to bring what was said before.</summary>
    /// <value>3 seconds.</value>
    public TimeSpan LeaveTime { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Which paths may be used.</summary>
    public IReadOnlyCollection<PathKind> AllowedPaths { get; init; } = Enum.GetValues<PathKind>();
}
