using Parley.Benchmarks.Frames;
using System.Text;
using Parley.Benchmarks.Peers;

namespace Parley.Tests.Benchmarks;

public sealed class RespFrameTests
{
    [Fact]
    public void A_published_message_is_read()
    {
        var input = ">3\r\n$7\r\nmessage\r\n$2\r\nch\r\n$5\r\nhello\r\n:1\r\n"u8;

        var isWhole = RespFrame.TryRead(input, out var frame, out var taken);

        Assert.True(isWhole);
        Assert.Equal((RespFrameKind.Message, "ch", "hello", 36), (frame.Kind, Text(frame.Channel), Text(frame.Payload), taken));
    }

    [Fact]
    public void Every_cut_of_a_message_asks_for_more()
    {
        var input = ">3\r\n$7\r\nmessage\r\n$2\r\nch\r\n$5\r\nhello\r\n"u8.ToArray();

        var whole = Enumerable.Range(0, input.Length).Where(length => RespFrame.TryRead(input.AsSpan(0, length), out _, out _));

        Assert.Empty(whole);
    }

    [Theory]
    [InlineData(":1\r\n", RespFrameKind.Other)]
    [InlineData("_\r\n", RespFrameKind.Other)]
    [InlineData("%2\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nmodules\r\n*0\r\n", RespFrameKind.Other)]
    [InlineData(">3\r\n$9\r\nsubscribe\r\n$2\r\nch\r\n:1\r\n", RespFrameKind.Other)]
    [InlineData("-NOAUTH no\r\n", RespFrameKind.Error)]
    internal void Other_values_are_taken_whole(string text, RespFrameKind kind)
    {
        var input = Encoding.UTF8.GetBytes(text);

        RespFrame.TryRead(input, out var frame, out var taken);

        Assert.Equal((kind, text.Length), (frame.Kind, taken));
    }

    [Theory]
    [InlineData("hello\r\n")]
    [InlineData(":1\n")]
    [InlineData("$-1\r\n")]
    [InlineData("$99999999999\r\n")]
    [InlineData("*2000\r\n")]
    [InlineData("$1\r\nabc")]
    [InlineData("*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n")]
    public void What_is_not_resp_is_refused(string text)
    {
        var input = Encoding.UTF8.GetBytes(text);

        var read = () => RespFrame.TryRead(input, out _, out _);

        Assert.Throws<InvalidDataException>(() => read());
    }

    [Fact]
    public void Garbage_never_fails_in_another_way()
    {
        const int Seed = 21;
        FrameFuzz.Run(Seed, ">3\r\n$7\r\nmessage\r\n$2\r\nch\r\n$5\r\nhello\r\n", ">*%$:+-_0123\r\n\r\n\r\nmessage", bytes =>
            RespFrame.TryRead(bytes, out _, out var taken) && taken is 0 ? throw new InvalidOperationException("nothing taken") : taken);
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);
}
