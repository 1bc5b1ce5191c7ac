namespace Parley.Protocol.Stun;

/// <summary>What kind of message of a method it is (RFC 8489, section 5).</summary>
public enum StunClass
{
    /// <summary>A question that expects one answer.</summary>
    Request = 0,

    /// <summary>Needs no answer.</summary>
    Indication = 1,

    /// <summary>The answer that it was done.</summary>
    Success = 2,

    /// <summary>The answer that it was not, with ERROR-CODE.</summary>
    Error = 3,
}
