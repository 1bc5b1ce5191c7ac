using Parley.Benchmarks.Frames;
using System.Text;
using Parley.Benchmarks.Peers;

namespace Parley.Tests.Benchmarks;

public sealed class NatsFrameTests
{
    [Fact]
    public void A_message_with_a_reply_address_is_read()
    {
        var input = "MSG echo 2 _INBOX.a.7 5\r\nhello\r\nPING\r\n"u8;

        var isWhole = NatsFrame.TryRead(input, out var frame, out var taken);

        Assert.True(isWhole);
        Assert.Equal(("echo", 2, "_INBOX.a.7", "hello", 32), (Text(frame.Subject), frame.Sid, Text(frame.ReplyTo), Text(frame.Payload), taken));
    }

    [Fact]
    public void A_message_without_a_reply_address_is_read()
    {
        var input = "MSG _INBOX.a.7 1 0\r\n\r\n"u8;

        NatsFrame.TryRead(input, out var frame, out var taken);

        Assert.Equal(("_INBOX.a.7", 1, "", "", 22), (Text(frame.Subject), frame.Sid, Text(frame.ReplyTo), Text(frame.Payload), taken));
    }

    [Fact]
    public void Every_cut_of_a_message_asks_for_more()
    {
        var input = "MSG echo 2 _INBOX.a.7 5\r\nhello\r\n"u8.ToArray();

        var whole = Enumerable.Range(0, input.Length).Where(length => NatsFrame.TryRead(input.AsSpan(0, length), out _, out _));

        Assert.Empty(whole);
    }

    [Theory]
    [InlineData("PING\r\n", NatsFrameKind.Ping)]
    [InlineData("PONG\r\n", NatsFrameKind.Pong)]
    [InlineData("+OK\r\n", NatsFrameKind.Other)]
    [InlineData("INFO {}\r\n", NatsFrameKind.Other)]
    [InlineData("-ERR 'no'\r\n", NatsFrameKind.Error)]
    internal void Operations_without_content_are_told_apart(string line, NatsFrameKind kind)
    {
        var input = Encoding.UTF8.GetBytes(line);

        NatsFrame.TryRead(input, out var frame, out var taken);

        Assert.Equal((kind, line.Length), (frame.Kind, taken));
    }

    [Theory]
    [InlineData("HELLO\r\n")]
    [InlineData("PING\n")]
    [InlineData("MSG a 1\r\n")]
    [InlineData("MSG a 1 -5\r\n")]
    [InlineData("MSG a 1 b 2 3\r\n")]
    [InlineData("MSG a 1 99999999999\r\n")]
    [InlineData("MSG a 1 1\r\nxyz")]
    public void What_is_not_nats_is_refused(string text)
    {
        var input = Encoding.UTF8.GetBytes(text);

        var read = () => NatsFrame.TryRead(input, out _, out _);

        Assert.Throws<InvalidDataException>(() => read());
    }

    [Fact]
    public void Garbage_never_fails_in_another_way()
    {
        const int Seed = 20;
        FrameFuzz.Run(Seed, "MSG echo 2 in.7 5\r\nhello\r\n", "MSG  1234567890\r\n+-PINGOK{}", bytes =>
            NatsFrame.TryRead(bytes, out _, out var taken) && taken is 0 ? throw new InvalidOperationException("nothing taken") : taken);
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);
}
