namespace Parley.Gateway.Client.Discovery;

/// <summary>What a card's signatures are worth.</summary>
public enum CardTrust
{
    /// <summary>It has none.</summary>
    NotSigned,

    /// <summary>One is good: the holder of the key wrote this card.</summary>
    Verified,

    /// <summary>None could be checked: an algorithm or a form that is not known here, or a key that cannot be had.</summary>
    Unchecked,

    /// <summary>The key was there and the signature is not its own over this card.</summary>
    Wrong,
}
