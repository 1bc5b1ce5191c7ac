using Parley.Client.Peering;

namespace Parley.Client.Transfer;

/// <summary>What is sent, and how.</summary>
public sealed record SendOptions
{
    /// <summary>Files and folders.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>A stream to send as a file of <see cref="StreamName"/>; null when there is none. It is read once.</summary>
    public Stream? Stream { get; init; }

    /// <summary>The name of what <see cref="Stream"/> gives.</summary>
    public string StreamName { get; init; } = "stdin";

    /// <summary>What is asked of the receiver beyond taking the files.</summary>
    public TransferMode Mode { get; init; }

    /// <summary>Patterns of files and folders that stay here.</summary>
    /// <value>As <c>.gitignore</c> writes them, without <c>!</c>: <c>*</c>, <c>?</c>, <c>**</c>, a slash at the end for folders alone.</value>
    public IReadOnlyList<string> Excludes { get; init; } = [];

    /// <summary>Whether what a link leads to is sent in its place. Without it a link is refused.</summary>
    public bool FollowsLinks { get; init; }

    /// <summary>Bytes a second at most; null for as many as go.</summary>
    /// <value>At least 1,024.</value>
    public long? BytesPerSecond { get; init; }

    /// <summary>Which paths may be used.</summary>
    public IReadOnlyCollection<PathKind> AllowedPaths { get; init; } = Enum.GetValues<PathKind>();

    /// <summary>How long a receiver that was met may take to begin, since others may be before us.</summary>
    /// <value>Default: for ever.</value>
    public TimeSpan BeginTimeout { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>How long the receiver, or its user, may take to say what it wants.</summary>
    /// <value>Default 10 minutes.</value>
    public TimeSpan DecisionTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Limits.</summary>
    public TransferLimits Limits { get; init; } = new();
}
