namespace Parley.WebRtc.Turn;

/// <summary>How far an allocation is.</summary>
public enum TurnState
{
    /// <summary>Nothing was asked for.</summary>
    New = 0,

    /// <summary>Asking for an address.</summary>
    Allocating,

    /// <summary>It has one.</summary>
    Allocated,

    /// <summary>The server refused, did not answer, or dropped it.</summary>
    Failed,

    /// <summary>It was given back.</summary>
    Closed,
}
