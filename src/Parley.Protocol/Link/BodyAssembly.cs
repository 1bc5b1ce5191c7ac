using Google.Protobuf;
using Parley.Protocol.Errors;
using Parley.Protocol.Wire;

namespace Parley.Protocol.Link;

/// <summary>Puts envelopes' bodies together that arrive as chunks, one session's at a time, within a memory limit.</summary>
/// <remarks>Used by one reader only. Chunks of one body come in order; bodies may interleave.</remarks>
public sealed class BodyAssembly
{
    private readonly OpenBodies<string, Envelope> _open = new();

    /// <summary>Begins a body that was announced by <see cref="Envelope.BodySize"/>.</summary>
    /// <param name="envelope">The envelope without its body.</param>
    /// <param name="maxOpenBytes">Bytes of all open bodies of this link.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ProtocolViolation"/> when too many bytes are open, or the id is already.</exception>
    public void Begin(Envelope envelope, long maxOpenBytes) => _open.Begin(KeyOf(envelope.From, envelope.Id), envelope, envelope.BodySize, maxOpenBytes);

    /// <summary>Lets the chunks of a body pass that was announced and is refused; nothing of them is kept.</summary>
    /// <param name="envelope">The envelope without its body.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ProtocolViolation"/> when too many are open, or the id is already.</exception>
    public void Skip(Envelope envelope) => _open.Skip(KeyOf(envelope.From, envelope.Id), envelope.BodySize);

    /// <summary>Adds a chunk; the envelope with its whole body when that was the last one.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ProtocolViolation"/> for a chunk out of place.</exception>
    public Envelope? Add(BodyChunk chunk)
    {
        if (_open.Add(KeyOf(chunk.From, chunk.Id), chunk.Offset, chunk.Data.Span) is not var (envelope, body))
        {
            return null;
        }

        envelope.Body = UnsafeByteOperations.UnsafeWrap(body);
        envelope.BodySize = 0;
        return envelope;
    }

    private static string KeyOf(string from, string id) => from.Length == 0 ? id : from + "/" + id;
}
