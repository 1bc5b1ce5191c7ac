using Parley.Client.Chat;
using Parley.Client.Chat.Wire;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.Tests.Chat;

public sealed class ChatFrameTests
{
    private static readonly ChatItem _item = new(7, ChatItemKind.Offer, DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_123), 0, 4711, "größe.txt");
    private static readonly ChatHello _hello = new(1, 3, Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"), 5, Guid.Parse("ffffffff-0000-0000-0000-000000000001"), 9);

    [Fact]
    public void Frames_are_the_bytes_of_the_document()
    {
        Assert.Equal("0100000000000034" + "00010003" + "00112233445566778899aabbccddeeff" + "0000000000000005" + "ffffffff000000000000000000000001" + "0000000000000009", Hex(ChatFrame.Of(_hello)));
        Assert.Equal("020000000000002c" + "0000000000000007" + "02" + "0000018bcfe5687b" + "0000000000000000" + "0000000000001267" + "6772c3b6c39f652e747874", Hex(ChatFrame.Of(_item)));
        Assert.Equal("0300000000000008" + "0000000000000102", Hex(ChatFrame.OfReceived(258)));
        Assert.Equal("0400000000000001" + "01", Hex(ChatFrame.OfTyping(true)));
        Assert.Equal("2200000000000011" + "01" + "0000000000000007" + "00000002" + "00010000", Hex(ChatFrame.OfCredit(new FileRoute(true, 7, 2), 65536)));
        Assert.Equal("4300000000000000", Hex(ChatFrame.Of(ChatFrameKind.Bye)));
    }

    [Fact]
    public void What_is_written_is_read()
    {
        Assert.Equal(_hello, Read(ChatFrame.Of(_hello)).ReadHello());
        Assert.Equal(_item, Read(ChatFrame.Of(_item)).ReadItem());
        Assert.Equal(new FileRoute(false, 3, 1), Read(ChatFrame.Of(ChatFrameKind.FileBytes, new FileRoute(false, 3, 1), "abc"u8)).ReadRoute());
        Assert.Equal(ErrorCode.PermissionDenied, Read(ChatFrame.Of(new ParleyException(ErrorCode.PermissionDenied, "No."))).ReadError().Code);
    }

    [Fact]
    public void A_frame_longer_than_any_is_refused_before_it_is_read()
    {
        byte[] header = [2, 0, 0, 0, 0, 1, 0, 1];

        Assert.Equal(ErrorCode.ProtocolViolation, Assert.Throws<ParleyException>(() => ChatFrame.ReadHeader(header)).Code);
    }

    [Fact]
    public void Frames_of_strangers_are_refused_or_read()
    {
        byte[][] good =
        [
            ChatFrame.Of(_hello), ChatFrame.Of(_item), ChatFrame.OfReceived(5), ChatFrame.OfTyping(true), ChatFrame.OfCredit(new FileRoute(true, 7, 2), 65536),
            ChatFrame.Of(new ParleyException(ErrorCode.PermissionDenied, "No.")), ChatFrame.Of(ChatFrameKind.FileBytes, new FileRoute(true, 1, 1), [1, 2, 3]),
        ];
        Action<ChatFrame>[] readers =
        [
            frame => frame.ReadHello(), frame => frame.ReadItem(), frame => frame.ReadReceived(), frame => frame.ReadTyping(), frame => frame.ReadCredit(), frame => frame.ReadError(), frame => frame.ReadRoute(),
        ];

        Fuzz.Run(7600, Fuzz.Count, random => (Fuzz.Mutate(random, good[random.Next(good.Length)]), readers[random.Next(readers.Length)]), input =>
        {
            try
            {
                var reader = new ChatFrameReader(new MemoryStream(input.Item1), TimeProvider.System);
                input.Item2(reader.ReadAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult());
            }
            catch (Exception exception) when (exception is ParleyException or EndOfStreamException)
            {
                // A refusal is what is wanted; anything else fails the test.
            }
        });
    }

    private static ChatFrame Read(byte[] frame)
    {
        var (kind, length) = ChatFrame.ReadHeader(frame);
        Assert.Equal(frame.Length - ChatFrame.HeaderBytes, length);
        return new ChatFrame(kind, frame.AsMemory(ChatFrame.HeaderBytes));
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
