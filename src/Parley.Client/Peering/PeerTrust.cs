namespace Parley.Client.Peering;

/// <summary>How the other agent's identity key is known.</summary>
public enum PeerTrust
{
    /// <summary>Seen for the first time: the hub's word alone says whose key it is. It is shown as UNVERIFIED, with the phrase to compare.</summary>
    FirstMeeting,

    /// <summary>The key of earlier meetings. Another one would have been refused.</summary>
    Pinned,

    /// <summary>A person compared the phrase.</summary>
    Verified,
}
