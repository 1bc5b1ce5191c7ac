using Parley.Protocol.Errors;

namespace Parley.Protocol.Link;

/// <summary>Bytes that arrive in pieces, several bodies interleaved, within a memory limit.</summary>
/// <remarks>Used by one reader only. Pieces of one body come in order.</remarks>
/// <typeparam name="TKey">What tells bodies apart.</typeparam>
/// <typeparam name="TItem">Whose body it is.</typeparam>
public sealed class OpenBodies<TKey, TItem>
    where TKey : notnull
{
    /// <summary>Refused bodies whose pieces may still come; a peer that announces more at once breaks the rules.</summary>
    private const int MaxSkipped = 64;

    private Dictionary<TKey, Partial>? _partials;
    private Dictionary<TKey, (long Size, long Passed)>? _skipped;
    private long _reserved;

    /// <summary>Begins a body that was announced by its size.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="item">Whose it is.</param>
    /// <param name="size">Its bytes, at least 1.</param>
    /// <param name="maxOpenBytes">Bytes of all open bodies.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ProtocolViolation"/> when too many bytes are open, or the key is already.</exception>
    public void Begin(TKey key, TItem item, uint size, long maxOpenBytes)
    {
        _partials ??= [];
        if (_reserved + size > maxOpenBytes || _skipped?.ContainsKey(key) == true || !_partials.TryAdd(key, new Partial(item, new byte[size])))
        {
            throw TooMany();
        }

        _reserved += size;
    }

    /// <summary>Lets the pieces of a body pass that was announced and is refused; nothing of them is kept.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ProtocolViolation"/> when too many are open, or the key is already.</exception>
    public void Skip(TKey key, uint size)
    {
        _skipped ??= [];
        if (_skipped.Count >= MaxSkipped || _partials?.ContainsKey(key) == true || !_skipped.TryAdd(key, (size, 0)))
        {
            throw TooMany();
        }
    }

    /// <summary>Adds a piece; the item with its whole body when that was the last one.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ProtocolViolation"/> for a piece out of place.</exception>
    public (TItem Item, byte[] Body)? Add(TKey key, uint offset, ReadOnlySpan<byte> data)
    {
        if (_skipped is { Count: > 0 } && TryDrop(key, offset, data.Length))
        {
            return null;
        }

        if (_partials is null || !_partials.TryGetValue(key, out var partial) ||
            offset != partial.Filled || data.Length > partial.Content.Length - partial.Filled || data.IsEmpty)
        {
            throw new ParleyException(ErrorCode.ProtocolViolation, "A chunk does not continue an announced body.");
        }

        data.CopyTo(partial.Content.AsSpan(partial.Filled));
        partial.Filled += data.Length;
        if (partial.Filled < partial.Content.Length)
        {
            return null;
        }

        _partials.Remove(key);
        _reserved -= partial.Content.Length;
        return (partial.Item, partial.Content);
    }

    private bool TryDrop(TKey key, uint offset, int length)
    {
        if (!_skipped!.TryGetValue(key, out var skipped) || offset != skipped.Passed || length == 0)
        {
            return false;
        }

        skipped.Passed += length;
        _skipped[key] = skipped;
        if (skipped.Passed >= skipped.Size)
        {
            _skipped.Remove(key);
        }

        return true;
    }

    private static ParleyException TooMany() => new(ErrorCode.ProtocolViolation, "Too many bodies are sent at once on one link.");

    private sealed class Partial(TItem item, byte[] content)
    {
        public TItem Item { get; } = item;

        public byte[] Content { get; } = content;

        public int Filled { get; set; }
    }
}
