using System.Threading.Channels;

namespace Parley.Client.Peering.Paths;

/// <summary>What the two openers of one kind tell each other while an attempt runs: sealed signals, in order, of which some may be lost when a link breaks.</summary>
internal sealed class PathSignals(Action<ReadOnlyMemory<byte>> send)
{
    /// <summary>Signals that wait to be read; beyond it the oldest go.</summary>
    private const int MaxWaiting = 256;

    private readonly Channel<ReadOnlyMemory<byte>> _received = Channel.CreateBounded<ReadOnlyMemory<byte>>(new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropOldest });

    /// <summary>What the other end said.</summary>
    public ChannelReader<ReadOnlyMemory<byte>> Received => _received.Reader;

    /// <summary>Says something.</summary>
    /// <param name="content">At most 16 KiB.</param>
    public void Send(ReadOnlyMemory<byte> content) => send(content);

    /// <summary>Hands over what came.</summary>
    public void Take(ReadOnlyMemory<byte> content) => _received.Writer.TryWrite(content);
}
