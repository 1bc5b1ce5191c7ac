using System.Text;
using Google.Protobuf;
using Parley.Protocol.Wire;

namespace Parley.Hub.Connections.Log;

/// <summary>The text of a body for the log in mode full: one of the two places in the hub that look into one.</summary>
internal static class MessageText
{
    /// <summary>The content as text; a note of its size where it is not text.</summary>
    public static string Of(Envelope envelope)
    {
        try
        {
            var content = envelope.Kind == EnvelopeKind.Reply
                ? Reply.Parser.ParseFrom(envelope.Body).Content
                : Message.Parser.ParseFrom(envelope.Body).Content;
            return new UTF8Encoding(false, true).GetString(content.Span);
        }
        catch (Exception exception) when (exception is InvalidProtocolBufferException or DecoderFallbackException)
        {
            return SizeOf(envelope);
        }
    }

    /// <summary>What stands for content that is not kept.</summary>
    public static string SizeOf(Envelope envelope) => $"[{envelope.Body.Length} bytes]";
}
