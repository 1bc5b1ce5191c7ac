namespace Parley.Gateway.A2a;

/// <summary>The dialect of one request.</summary>
public enum A2aVersion
{
    /// <summary>A2A 1.0.</summary>
    V1,

    /// <summary>A2A 0.3.</summary>
    V03,

    /// <summary>The seed's: method <c>message</c> with content and context.</summary>
    Seed,
}
