using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.Http;
using Parley.Client.Responders;
using Parley.Gateway.OpenAi;
using Parley.Protocol.Wire;

namespace Parley.Client.PeerApi.Serving;

/// <summary>An answer as a stream of chunks, as it is produced.</summary>
/// <param name="response">Where to.</param>
/// <param name="writer">Writes the chunks.</param>
internal sealed class PeerStream(HttpResponse response, ChatWriter writer) : IAnswerSink
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private int _sent;

    /// <summary>Whether anything was sent, so that a status can no longer be.</summary>
    public bool HasBegun { get; private set; }

    /// <inheritdoc/>
    public async ValueTask PartAsync(Part part, CancellationToken cancellationToken)
    {
        if (part.Stream != PartStream.Content)
        {
            return;
        }

        Begin();
        var text = new char[part.Data.Length + 4];
        var count = _decoder.GetChars(part.Data.Span, text, flush: false);
        _sent = (int)part.Offset + part.Data.Length;
        if (count > 0)
        {
            writer.WriteText(_buffer, new string(text, 0, count));
        }

        await FlushAsync(cancellationToken);
    }

    /// <summary>Sends what of the answer was not sent yet, and the end.</summary>
    public async Task EndAsync(Reply reply, ModelAnswer answer, CancellationToken cancellationToken)
    {
        Begin();
        var rest = reply.Content.Span[Math.Min(_sent, reply.Content.Length)..];
        var text = new char[rest.Length + 4];
        var count = _decoder.GetChars(rest, text, flush: true);
        if (count > 0)
        {
            writer.WriteText(_buffer, new string(text, 0, count));
        }

        writer.WriteEnd(_buffer, answer);
        await FlushAsync(cancellationToken);
    }

    /// <summary>Ends a stream that fails.</summary>
    public async Task FailAsync(Protocol.Errors.ParleyException refusal, CancellationToken cancellationToken)
    {
        ChatWriter.WriteFailure(_buffer, refusal);
        await FlushAsync(cancellationToken);
    }

    private void Begin()
    {
        if (!HasBegun)
        {
            HasBegun = true;
            response.ContentType = "text/event-stream";
            response.Headers.CacheControl = "no-store";
            writer.WriteRole(_buffer);
        }
    }

    private async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        await response.Body.WriteAsync(_buffer.WrittenMemory, cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
        _buffer.ResetWrittenCount();
    }
}
