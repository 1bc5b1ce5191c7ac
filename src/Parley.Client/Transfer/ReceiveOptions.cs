using Parley.Client.Peering;

namespace Parley.Client.Transfer;

/// <summary>Where files go, and what is done with them.</summary>
public sealed record ReceiveOptions
{
    /// <summary>The folder that they go into; made when missing. Nothing in it is removed but by <see cref="AllowsDelete"/>.</summary>
    public required string Output { get; init; }

    /// <summary>What becomes of files whose names are taken.</summary>
    public ConflictPolicy Conflict { get; init; }

    /// <summary>Whether files that their sender may run may be run here.</summary>
    /// <value>Default true. Whatever the sender says, no file is made setuid, setgid or sticky, and the user's mask applies.</value>
    public bool KeepsExecutable { get; init; } = true;

    /// <summary>Whether a sender that asks to update copies may replace files here.</summary>
    /// <value>Default false: such a transfer is refused.</value>
    public bool AllowsSync { get; init; }

    /// <summary>Whether a sender that updates copies may also have removed what it does not have itself.</summary>
    /// <value>Default false: such a transfer is refused.</value>
    public bool AllowsDelete { get; init; }

    /// <summary>Whether each file is on the disk before its sender is told that it arrived.</summary>
    /// <value>Default false, as with cp: the system writes when it sees fit. True costs one flush a file.</value>
    public bool Syncs { get; init; }

    /// <summary>Bytes that must stay free.</summary>
    /// <value>Default 16 MiB.</value>
    public long SpareBytes { get; init; } = 16 << 20;

    /// <summary>Which paths may be used.</summary>
    public IReadOnlyCollection<PathKind> AllowedPaths { get; init; } = Enum.GetValues<PathKind>();

    /// <summary>How long a sender that was met may take to open its first path: one that never does would keep a place that others wait for.</summary>
    /// <value>Default 90 s.</value>
    public TimeSpan BeginTimeout { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>Limits.</summary>
    public TransferLimits Limits { get; init; } = new();
}
