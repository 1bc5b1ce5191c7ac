namespace Parley.Client.Peering.Paths;

/// <summary>Direct TCP between the two machines.</summary>
internal sealed class TcpPathMaker(TcpPathOptions options, TimeProvider time) : IPathMaker
{
    /// <inheritdoc/>
    public PathKind Kind => PathKind.DirectTcp;

    /// <inheritdoc/>
    public IPathOpener Make(PathContext context) => new TcpPathOpener(context, options, time);
}
