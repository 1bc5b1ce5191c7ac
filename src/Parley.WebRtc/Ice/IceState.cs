namespace Parley.WebRtc.Ice;

/// <summary>How far a connection is.</summary>
public enum IceState
{
    /// <summary>Nothing is checked yet: the other side's credentials or candidates are missing.</summary>
    New = 0,

    /// <summary>Pairs are being checked; after a restart data may still flow on the old pair.</summary>
    Checking,

    /// <summary>A pair is selected and answers.</summary>
    Connected,

    /// <summary>The selected pair has not answered for a while; it may come back.</summary>
    Disconnected,

    /// <summary>No pair worked, or consent ran out: only a restart helps.</summary>
    Failed,

    /// <summary>It was closed here.</summary>
    Closed,
}
