using System.Buffers.Binary;
using System.Text;
using Parley.Protocol.Errors;

namespace Parley.Client.Chat.Wire;

/// <summary>One frame of a chat: written here, and read, field by field.</summary>
/// <remarks>8 bytes in front of the content, big endian: kind (1) | 0 (3) | length of the content (4), at most <see cref="MaxContent"/>.</remarks>
/// <param name="Kind">What it is.</param>
/// <param name="Content">Its content; the reader's buffer, good until the next frame is read.</param>
internal readonly record struct ChatFrame(ChatFrameKind Kind, ReadOnlyMemory<byte> Content)
{
    /// <summary>Bytes in front of the content.</summary>
    public const int HeaderBytes = 8;

    /// <summary>Longest content.</summary>
    public const int MaxContent = 64 << 10;

    /// <summary>Bytes of a <see cref="FileRoute"/>.</summary>
    public const int RouteBytes = 13;

    private const int HelloBytes = 52;
    private const int ItemBytes = 33;
    private static readonly UTF8Encoding _strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>A frame without content.</summary>
    public static byte[] Of(ChatFrameKind kind) => Make(kind, 0);

    /// <summary>A hello.</summary>
    public static byte[] Of(ChatHello hello)
    {
        var frame = Make(ChatFrameKind.Hello, HelloBytes);
        var content = frame.AsSpan(HeaderBytes);
        BinaryPrimitives.WriteUInt16BigEndian(content, (ushort)hello.VersionMin);
        BinaryPrimitives.WriteUInt16BigEndian(content[2..], (ushort)hello.VersionMax);
        hello.Speaker.TryWriteBytes(content[4..], bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(content[20..], hello.First);
        hello.Heard.TryWriteBytes(content[28..], bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(content[44..], hello.Received);
        return frame;
    }

    /// <summary>Something said: number (8) | kind (1) | sent, ms since 1970 (8) | file (8) | size (8) | text.</summary>
    public static byte[] Of(ChatItem item)
    {
        var frame = Make(ChatFrameKind.Item, ItemBytes + Encoding.UTF8.GetByteCount(item.Text));
        var content = frame.AsSpan(HeaderBytes);
        BinaryPrimitives.WriteInt64BigEndian(content, item.Number);
        content[8] = (byte)item.Kind;
        BinaryPrimitives.WriteInt64BigEndian(content[9..], item.SentAt.ToUnixTimeMilliseconds());
        BinaryPrimitives.WriteInt64BigEndian(content[17..], item.File);
        BinaryPrimitives.WriteInt64BigEndian(content[25..], item.Size);
        Encoding.UTF8.GetBytes(item.Text, content[ItemBytes..]);
        return frame;
    }

    /// <summary>An acknowledgement.</summary>
    public static byte[] OfReceived(long number)
    {
        var frame = Make(ChatFrameKind.Received, sizeof(long));
        BinaryPrimitives.WriteInt64BigEndian(frame.AsSpan(HeaderBytes), number);
        return frame;
    }

    /// <summary>Whether the speaker types.</summary>
    public static byte[] OfTyping(bool isTyping)
    {
        var frame = Make(ChatFrameKind.Typing, 1);
        frame[HeaderBytes] = isTyping ? (byte)1 : (byte)0;
        return frame;
    }

    /// <summary>A refusal.</summary>
    public static byte[] Of(ParleyException refusal)
    {
        var (code, text) = (Encoding.UTF8.GetBytes(refusal.Row.WireName), Encoding.UTF8.GetBytes(refusal.Message));
        var frame = Make(ChatFrameKind.Error, 2 + code.Length + text.Length);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(HeaderBytes), (ushort)code.Length);
        code.CopyTo(frame.AsSpan(HeaderBytes + 2));
        text.CopyTo(frame.AsSpan(HeaderBytes + 2 + code.Length));
        return frame;
    }

    /// <summary>A frame of a file's way, with what follows the route.</summary>
    public static byte[] Of(ChatFrameKind kind, FileRoute route, ReadOnlySpan<byte> rest)
    {
        var frame = Make(kind, RouteBytes + rest.Length);
        var content = frame.AsSpan(HeaderBytes);
        content[0] = route.IsSpeakers ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt64BigEndian(content[1..], route.File);
        BinaryPrimitives.WriteInt32BigEndian(content[9..], route.Try);
        rest.CopyTo(content[RouteBytes..]);
        return frame;
    }

    /// <summary>Leave to send so many further bytes.</summary>
    public static byte[] OfCredit(FileRoute route, int bytes)
    {
        Span<byte> number = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(number, bytes);
        return Of(ChatFrameKind.FileCredit, route, number);
    }

    /// <summary>Reads the 8 bytes in front of a content.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ProtocolViolation"/>.</exception>
    public static (ChatFrameKind Kind, int Length) ReadHeader(ReadOnlySpan<byte> header)
    {
        var length = BinaryPrimitives.ReadInt32BigEndian(header[4..]);
        return (header[1] | header[2] | header[3]) == 0 && length is >= 0 and <= MaxContent ? ((ChatFrameKind)header[0], length) : throw Broken();
    }

    /// <summary>The content of a <see cref="ChatFrameKind.Hello"/>.</summary>
    public ChatHello ReadHello()
    {
        var content = Content.Span;
        if (content.Length < HelloBytes)
        {
            throw Broken();
        }

        var hello = new ChatHello(
            BinaryPrimitives.ReadUInt16BigEndian(content),
            BinaryPrimitives.ReadUInt16BigEndian(content[2..]),
            new Guid(content[4..20], bigEndian: true),
            BinaryPrimitives.ReadInt64BigEndian(content[20..]),
            new Guid(content[28..44], bigEndian: true),
            BinaryPrimitives.ReadInt64BigEndian(content[44..]));
        return hello.First > 0 && hello.Received >= 0 ? hello : throw Broken();
    }

    /// <summary>The content of a <see cref="ChatFrameKind.Item"/>.</summary>
    public ChatItem ReadItem()
    {
        var content = Content.Span;
        if (content.Length is < ItemBytes or > ItemBytes + ChatOptions.MaxTextBytes)
        {
            throw Broken();
        }

        var (number, sent) = (BinaryPrimitives.ReadInt64BigEndian(content), BinaryPrimitives.ReadInt64BigEndian(content[9..]));
        var (file, size) = (BinaryPrimitives.ReadInt64BigEndian(content[17..]), BinaryPrimitives.ReadInt64BigEndian(content[25..]));
        if (number < 1 || file < 0 || size < 0 || sent < 0 || sent > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())
        {
            throw Broken();
        }

        return new ChatItem(number, (ChatItemKind)content[8], DateTimeOffset.FromUnixTimeMilliseconds(sent), file, size, ReadText(content[ItemBytes..]));
    }

    /// <summary>The content of a <see cref="ChatFrameKind.Received"/>.</summary>
    public long ReadReceived() => Content.Length == sizeof(long) && BinaryPrimitives.ReadInt64BigEndian(Content.Span) is var number and >= 0 ? number : throw Broken();

    /// <summary>The content of a <see cref="ChatFrameKind.Typing"/>.</summary>
    public bool ReadTyping() => Content.Length == 1 ? Content.Span[0] == 1 : throw Broken();

    /// <summary>The route of a frame of a file, as its speaker means it.</summary>
    public FileRoute ReadRoute()
    {
        if (Content.Length < RouteBytes)
        {
            throw Broken();
        }

        var content = Content.Span;
        var route = new FileRoute(content[0] == 1, BinaryPrimitives.ReadInt64BigEndian(content[1..]), BinaryPrimitives.ReadInt32BigEndian(content[9..]));
        return content[0] <= 1 && route.File > 0 && route.Try >= (Kind == ChatFrameKind.FileClose ? 0 : 1) ? route : throw Broken();
    }

    /// <summary>How many bytes a <see cref="ChatFrameKind.FileCredit"/> allows.</summary>
    public int ReadCredit() => Content.Length == RouteBytes + sizeof(int) && BinaryPrimitives.ReadInt32BigEndian(Content.Span[RouteBytes..]) is var bytes and > 0 ? bytes : throw Broken();

    /// <summary>The content of a <see cref="ChatFrameKind.Error"/>.</summary>
    public ParleyException ReadError()
    {
        var content = Content.Span;
        if (content.Length < 2 || BinaryPrimitives.ReadUInt16BigEndian(content) is var length && content.Length < 2 + length)
        {
            throw Broken();
        }

        return new ParleyException(ErrorMap.FromWireName(ReadText(content.Slice(2, length))), Peering.PlainText.Of(ReadText(content[(2 + length)..])));
    }

    /// <summary>The refusal of a frame that breaks the protocol.</summary>
    public static ParleyException Broken() => new(ErrorCode.ProtocolViolation, "The other end sent a frame that breaks the protocol of chats.");

    private static string ReadText(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return _strict.GetString(bytes);
        }
        catch (DecoderFallbackException exception)
        {
            throw new ParleyException(ErrorCode.ProtocolViolation, "A text is not UTF-8.", exception);
        }
    }

    private static byte[] Make(ChatFrameKind kind, int length)
    {
        var frame = new byte[HeaderBytes + length];
        frame[0] = (byte)kind;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(4), length);
        return frame;
    }
}
