namespace Parley.WebRtc.Ice;

/// <summary>Which of two agents decides the pair that is used.</summary>
public enum IceRole
{
    /// <summary>The other one decides.</summary>
    Controlled = 0,

    /// <summary>This one decides; who made the offer begins as such.</summary>
    Controlling = 1,
}
