using Parley.Protocol.Errors;

namespace Parley.Protocol.Link;

/// <summary>Which versions of the link this build speaks: the newest, and one older.</summary>
public static class LinkVersions
{
    /// <summary>Lowest version spoken.</summary>
    public const uint Min = 1;

    /// <summary>Highest version spoken.</summary>
    public const uint Max = 1;

    /// <summary>The highest version that both ends speak.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ProtocolVersion"/>.</exception>
    public static uint Choose(uint peerMin, uint peerMax)
    {
        var chosen = Math.Min(Max, peerMax);
        return chosen >= Math.Max(Min, peerMin) && peerMin <= peerMax
            ? chosen
            : throw new ParleyException(ErrorCode.ProtocolVersion, $"This end speaks link versions {Min} to {Max}, the other {peerMin} to {peerMax}.");
    }
}
