namespace Parley.Client.Chat.Wire;

/// <summary>Cuts the bytes of a path into frames.</summary>
internal sealed class ChatFrameReader(Stream stream, TimeProvider time)
{
    private readonly byte[] _header = new byte[ChatFrame.HeaderBytes];
    private readonly byte[] _content = new byte[ChatFrame.MaxContent];
    private long _waitsSince;

    /// <summary>For how long nothing has come while somebody waits for it.</summary>
    public TimeSpan Silence => Volatile.Read(ref _waitsSince) is var since and not 0 ? time.GetElapsedTime(since) : TimeSpan.Zero;

    /// <summary>Waits for the next frame; its content is good until the one after it.</summary>
    /// <exception cref="IOException">The path broke.</exception>
    /// <exception cref="Protocol.Errors.ParleyException">It is no frame of a chat.</exception>
    public async ValueTask<ChatFrame> ReadAsync(CancellationToken cancellationToken)
    {
        await FillAsync(_header, cancellationToken);
        var (kind, length) = ChatFrame.ReadHeader(_header);
        var content = _content.AsMemory(0, length);
        await FillAsync(content, cancellationToken);
        return new ChatFrame(kind, content);
    }

    private async ValueTask FillAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        while (!destination.IsEmpty)
        {
            Volatile.Write(ref _waitsSince, time.GetTimestamp() | 1);
            var count = await stream.ReadAsync(destination, cancellationToken);
            Volatile.Write(ref _waitsSince, 0);
            if (count == 0)
            {
                throw new EndOfStreamException("The path ended.");
            }

            destination = destination[count..];
        }
    }
}
