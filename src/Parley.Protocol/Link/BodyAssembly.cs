using Google.Protobuf;
using Parley.Protocol.Errors;
using Parley.Protocol.Wire;

namespace Parley.Protocol.Link;

/// <summary>Puts bodies together that arrive as chunks, one session's at a time, within a memory limit.</summary>
/// <remarks>Used by one reader only. Chunks of one body come in order; bodies may interleave.</remarks>
public sealed class BodyAssembly
{
    /// <summary>Refused bodies whose chunks may still come; a client that announces more at once breaks the rules.</summary>
    private const int MaxSkipped = 64;

    private Dictionary<string, Partial>? _partials;
    private Dictionary<string, (long Size, long Passed)>? _skipped;
    private long _reserved;

    /// <summary>Begins a body that was announced by <see cref="Envelope.BodySize"/>.</summary>
    /// <param name="envelope">The envelope without its body.</param>
    /// <param name="maxOpenBytes">Bytes of all open bodies of this link.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ProtocolViolation"/> when too many bytes are open, or the id is already.</exception>
    public void Begin(Envelope envelope, long maxOpenBytes)
    {
        _partials ??= [];
        if (_reserved + envelope.BodySize > maxOpenBytes || !_partials.TryAdd(KeyOf(envelope.From, envelope.Id), new Partial(envelope, new byte[envelope.BodySize])))
        {
            throw new ParleyException(ErrorCode.ProtocolViolation, "Too many bodies are sent at once on one link.");
        }

        _reserved += envelope.BodySize;
    }

    /// <summary>Lets the chunks of a body pass that was announced and is refused; nothing of them is kept.</summary>
    /// <param name="envelope">The envelope without its body.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ProtocolViolation"/> when too many are open, or the id is already.</exception>
    public void Skip(Envelope envelope)
    {
        _skipped ??= [];
        var key = KeyOf(envelope.From, envelope.Id);
        if (_skipped.Count >= MaxSkipped || _partials?.ContainsKey(key) == true || !_skipped.TryAdd(key, (envelope.BodySize, 0)))
        {
            throw new ParleyException(ErrorCode.ProtocolViolation, "Too many bodies are sent at once on one link.");
        }
    }

    /// <summary>Adds a chunk; the envelope with its whole body when that was the last one.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ProtocolViolation"/> for a chunk out of place.</exception>
    public Envelope? Add(BodyChunk chunk)
    {
        if (_skipped is { Count: > 0 } && TryDrop(chunk))
        {
            return null;
        }

        if (_partials is null || !_partials.TryGetValue(KeyOf(chunk.From, chunk.Id), out var partial) ||
            chunk.Offset != partial.Filled || chunk.Data.Length > partial.Content.Length - partial.Filled || chunk.Data.IsEmpty)
        {
            throw new ParleyException(ErrorCode.ProtocolViolation, "A chunk does not continue an announced body.");
        }

        chunk.Data.Span.CopyTo(partial.Content.AsSpan(partial.Filled));
        partial.Filled += chunk.Data.Length;
        if (partial.Filled < partial.Content.Length)
        {
            return null;
        }

        _partials.Remove(KeyOf(chunk.From, chunk.Id));
        _reserved -= partial.Content.Length;
        partial.Envelope.Body = UnsafeByteOperations.UnsafeWrap(partial.Content);
        partial.Envelope.BodySize = 0;
        return partial.Envelope;
    }

    private bool TryDrop(BodyChunk chunk)
    {
        var key = KeyOf(chunk.From, chunk.Id);
        if (!_skipped!.TryGetValue(key, out var skipped) || chunk.Offset != skipped.Passed || chunk.Data.IsEmpty)
        {
            return false;
        }

        skipped.Passed += chunk.Data.Length;
        _skipped[key] = skipped;
        if (skipped.Passed >= skipped.Size)
        {
            _skipped.Remove(key);
        }

        return true;
    }

    private static string KeyOf(string from, string id) => from.Length == 0 ? id : from + "/" + id;

    private sealed class Partial(Envelope envelope, byte[] content)
    {
        public Envelope Envelope { get; } = envelope;

        public byte[] Content { get; } = content;

        public int Filled { get; set; }
    }
}
