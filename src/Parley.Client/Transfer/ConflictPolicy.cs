namespace Parley.Client.Transfer;

/// <summary>What becomes of a file whose name is taken by another one.</summary>
public enum ConflictPolicy
{
    /// <summary>It gets the next free name, <c>name (1).txt</c>.</summary>
    Rename,

    /// <summary>It is not taken.</summary>
    Skip,

    /// <summary>It takes the other one's place.</summary>
    Overwrite,
}
