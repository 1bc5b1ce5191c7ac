using Parley.Client.Config;

namespace Parley.Client.Peering.Paths;

/// <summary>A circuit through the hub.</summary>
/// <param name="profile">Which hub; asked at each attempt, since its address may be learned anew.</param>
/// <param name="time">Clock.</param>
internal sealed class RelayPathMaker(Func<HubProfile> profile, TimeProvider time) : IPathMaker
{
    /// <inheritdoc/>
    public PathKind Kind => PathKind.Relayed;

    /// <inheritdoc/>
    public IPathOpener Make(PathContext context) => new RelayPathOpener(context, profile(), time);
}
