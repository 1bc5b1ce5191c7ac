using System.Security.Cryptography;
using System.Threading.Channels;
using Microsoft.Win32.SafeHandles;
using Parley.Client.Transfer.Disk;
using Parley.Client.Transfer.Wire;
using Parley.Protocol.Errors;

namespace Parley.Client.Transfer.Sending;

/// <summary>Reads and hashes what the receiver wants, ahead of what is on its way: small files many to a buffer, large ones chunk by chunk.</summary>
internal sealed class SendPump(SourceTree tree, Manifest manifest, SendPlan plan, StreamChunks? stream, ChunkBuffers pool, ChannelWriter<OutBuffer> output, SendWindow? window, Action<int, Refusal> failed) : IDisposable
{
    private readonly IncrementalHash _root = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private byte[]? _current;
    private int _used;

    /// <summary>Sends all entries and the end.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            for (var entry = 0; entry < manifest.Entries.Count; entry++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await SendEntryAsync(entry, cancellationToken);
            }

            await AppendAsync(new FrameBuilder(FrameKind.End).ToFrame(), cancellationToken);
            await FlushAsync(cancellationToken);
        }
        finally
        {
            output.TryComplete();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _root.Dispose();

    private async ValueTask SendEntryAsync(int entry, CancellationToken cancellationToken)
    {
        var (kind, action) = (manifest.Entries[entry].Kind, plan[entry]);
        if (kind == EntryKind.Folder || action == EntryAction.Skip)
        {
            return;
        }

        try
        {
            if (kind == EntryKind.Stream)
            {
                await SendStreamAsync(entry, cancellationToken);
            }
            else if (action == EntryAction.Take && manifest.Entries[entry].Size <= manifest.ChunkBytes)
            {
                await SendWholeAsync(entry, cancellationToken);
            }
            else
            {
                await SendChunksAsync(entry, action, cancellationToken);
            }
        }
        catch (ParleyException exception) when (exception.Code is ErrorCode.TransferChanged or ErrorCode.TransferFile)
        {
            var refusal = Refusal.Of(exception);
            _root.GetHashAndReset();
            failed(entry, refusal);
            await AppendAsync(refusal.ToFrame(FrameKind.SourceFailed, entry), cancellationToken);
        }
    }

    private async ValueTask SendWholeAsync(int entry, CancellationToken cancellationToken)
    {
        var size = (int)manifest.Entries[entry].Size;
        await EnterAsync(entry, 0, size, cancellationToken);
        await EnsureAsync(ChunkFrame.MaxHeaderBytes + size, cancellationToken);
        var room = _current.AsMemory(_used);
        using (var file = tree.OpenFile(entry))
        {
            ReadExactly(file, room.Span.Slice(ChunkFrame.MaxHeaderBytes, size), 0);
            CheckUnchanged(entry, file);
        }

        ChunkFrame.Seal(room.Span, FrameKind.Whole, entry, 0, size);
        _used += ChunkFrame.MaxHeaderBytes + size;
    }

    private async ValueTask SendChunksAsync(int entry, EntryAction action, CancellationToken cancellationToken)
    {
        var size = manifest.Entries[entry].Size;
        using var file = tree.OpenFile(entry);
        CheckUnchanged(entry, file);
        var theirs = action == EntryAction.Take ? [] : await HashesAsync(entry, cancellationToken);
        var first = action == EntryAction.Resume ? theirs.Count : 0;
        for (var chunk = 0; chunk < first; chunk++)
        {
            _root.AppendData(theirs[chunk].Span);
        }

        var chunks = (int)Manifest.ChunksOf(size, manifest.ChunkBytes);
        var same = 0;
        for (var chunk = first; chunk < chunks && !plan.HasFailed(entry); chunk++)
        {
            var offset = (long)chunk * manifest.ChunkBytes;
            var length = (int)Math.Min(manifest.ChunkBytes, size - offset);
            var buffer = pool.Rent(pool.LargeBytes);
            ReadExactly(file, buffer.AsSpan(ChunkFrame.MaxHeaderBytes, length), offset);
            var hash = Seal(buffer, entry, chunk, length);
            if (action == EntryAction.Compare && chunk < theirs.Count && theirs[chunk].Span.SequenceEqual(hash.Span))
            {
                pool.Return(buffer);
                same++;
                continue;
            }

            same = await AppendSameAsync(entry, chunk - same, same, cancellationToken);
            await EnterAsync(entry, chunk, length, cancellationToken);
            await PushAsync(new OutBuffer(buffer, ChunkFrame.MaxHeaderBytes + length), cancellationToken);
        }

        if (plan.HasFailed(entry))
        {
            _root.GetHashAndReset();
            return;
        }

        await AppendSameAsync(entry, chunks - same, same, cancellationToken);
        CheckUnchanged(entry, file);
        await EndFileAsync(entry, chunks, size, cancellationToken);
    }

    private async ValueTask SendStreamAsync(int entry, CancellationToken cancellationToken)
    {
        var theirs = plan[entry] == EntryAction.Resume ? await HashesAsync(entry, cancellationToken) : [];
        foreach (var hash in theirs)
        {
            _root.AppendData(hash.Span);
        }

        await FlushAsync(cancellationToken);
        using var wanted = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, plan.FailureOf(entry));
        var chunk = theirs.Count;
        var size = stream!.BytesBefore(chunk);
        for (; !plan.HasFailed(entry); chunk++)
        {
            var buffer = pool.Rent(pool.LargeBytes);
            var length = await ReadStreamAsync(chunk, buffer, wanted.Token, cancellationToken);
            if (length < 0)
            {
                pool.Return(buffer);
                continue;
            }

            if (length == 0)
            {
                pool.Return(buffer);
                await EndFileAsync(entry, chunk, size, cancellationToken);
                return;
            }

            Seal(buffer, entry, chunk, length);
            size += length;
            await PushAsync(new OutBuffer(buffer, ChunkFrame.MaxHeaderBytes + length), cancellationToken);
        }

        _root.GetHashAndReset();
    }

    // Nothing, and not the end either, once the receiver has given the stream up: it confirms nothing any more.
    private async ValueTask<int> ReadStreamAsync(int chunk, byte[] buffer, CancellationToken wanted, CancellationToken cancellationToken)
    {
        try
        {
            return await stream!.ReadAsync(chunk, buffer.AsMemory(ChunkFrame.MaxHeaderBytes), wanted);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return -1;
        }
    }

    private async Task<IReadOnlyList<ReadOnlyMemory<byte>>> HashesAsync(int entry, CancellationToken cancellationToken)
    {
        // What is ready leaves before we wait.
        await FlushAsync(cancellationToken);
        return await plan.TakeHashesAsync(entry, cancellationToken);
    }

    private ReadOnlyMemory<byte> Seal(byte[] buffer, int entry, int chunk, int length)
    {
        _root.AppendData(ChunkFrame.Seal(buffer, FrameKind.Chunk, entry, chunk, length));
        return buffer.AsMemory(Frame.HeaderBytes + 8, ChunkFrame.HashBytes);
    }

    private async ValueTask EndFileAsync(int entry, int chunks, long size, CancellationToken cancellationToken) =>
        await AppendAsync(new FileEnd(entry, chunks, size, _root.GetHashAndReset()).ToFrame(), cancellationToken);

    private async ValueTask<int> AppendSameAsync(int entry, int first, int count, CancellationToken cancellationToken)
    {
        if (count > 0)
        {
            await AppendAsync(new SameChunks(entry, first, count).ToFrame(), cancellationToken);
        }

        return 0;
    }

    private async ValueTask AppendAsync(ReadOnlyMemory<byte> frame, CancellationToken cancellationToken)
    {
        await EnsureAsync(frame.Length, cancellationToken);
        frame.CopyTo(_current.AsMemory(_used));
        _used += frame.Length;
    }

    // Chunks keep their place behind the small frames that were written before them.
    private async ValueTask PushAsync(OutBuffer chunk, CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken);
        await output.WriteAsync(chunk, cancellationToken);
    }

    // What is ready leaves before we wait for the receiver to say that it has it.
    private async ValueTask EnterAsync(int entry, int chunk, int length, CancellationToken cancellationToken)
    {
        if (window is not null && !window.TryEnter(entry, chunk, length))
        {
            await FlushAsync(cancellationToken);
            await window.EnterAsync(entry, chunk, length, cancellationToken);
        }
    }

    private async ValueTask EnsureAsync(int bytes, CancellationToken cancellationToken)
    {
        if (_current is not null && _used + bytes > _current.Length)
        {
            await FlushAsync(cancellationToken);
        }

        _current ??= pool.Rent(pool.LargeBytes);
    }

    private async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (_current is { } full && _used > 0)
        {
            var ready = new OutBuffer(full, _used);
            (_current, _used) = (null, 0);
            await output.WriteAsync(ready, cancellationToken);
        }
    }

    private static void ReadExactly(SafeFileHandle file, Span<byte> destination, long offset)
    {
        while (destination.Length > 0)
        {
            var count = Read(file, destination, offset);
            if (count == 0)
            {
                throw new ParleyException(ErrorCode.TransferChanged, "The file became shorter while it was sent.");
            }

            destination = destination[count..];
            offset += count;
        }
    }

    private static int Read(SafeFileHandle file, Span<byte> destination, long offset)
    {
        try
        {
            return RandomAccess.Read(file, destination, offset);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ParleyException(ErrorCode.TransferFile, "The file cannot be read.", exception);
        }
    }

    private void CheckUnchanged(int entry, SafeFileHandle file)
    {
        if (StampOf(file) != manifest.Entries[entry].Stamp)
        {
            throw new ParleyException(ErrorCode.TransferChanged, "The file was changed after the transfer began.");
        }
    }

    private static ulong StampOf(SafeFileHandle file)
    {
        try
        {
            return PosixFolder.FactsOf(file).Stamp;
        }
        catch (IOException exception)
        {
            throw new ParleyException(ErrorCode.TransferFile, "The file cannot be looked at.", exception);
        }
    }
}
