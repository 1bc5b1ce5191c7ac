using Parley.Client.Peering.Paths;
using Parley.Protocol.Wire;

namespace Parley.Client.Peering;

/// <summary>One attempt of a session while it lasts: what tries, and what the other end is told of it.</summary>
/// <param name="number">The attempt's number.</param>
internal sealed class PathTry(uint number) : IAsyncDisposable
{
    /// <summary>The attempt's number.</summary>
    public uint Number => number;

    /// <summary>What tries each kind.</summary>
    public Dictionary<PathKind, IPathOpener> Openers { get; } = [];

    /// <summary>What the kinds that can be tried here say to the other end.</summary>
    public Dictionary<PathKind, PathSignals> Signals { get; } = [];

    /// <summary>What the other end is told.</summary>
    public List<PathDescription> Descriptions { get; } = [];

    /// <summary>Ends when the opener has offered another attempt.</summary>
    public CancellationTokenSource Superseded { get; } = new();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var opener in Openers.Values)
        {
            await opener.DisposeAsync();
        }
    }
}
