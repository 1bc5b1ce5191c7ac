namespace Parley.Client.Peering;

/// <summary>What two agents want of a session between them. Both ends sign it, so a session for one purpose serves no other.</summary>
public enum PeerPurpose
{
    /// <summary>Files and folders.</summary>
    Transfer,

    /// <summary>A conversation at two terminals.</summary>
    Chat,

    /// <summary>Audio and video between two browsers.</summary>
    Call,

    /// <summary>A look at which ways there are between two machines: every process that accepts sessions answers it by itself.</summary>
    Probe,
}
