using Parley.Protocol.Grpc;

namespace Parley.Tests.Grpc;

public sealed class GrpcMessageTextTests
{
    [Theory]
    [InlineData("plain words", "plain words")]
    [InlineData("100 %", "100 %25")]
    [InlineData("a\r\nb", "a%0D%0Ab")]
    [InlineData("grün", "gr%C3%BCn")]
    public void Only_printable_ascii_stands_for_itself(string text, string encoded)
    {
        Assert.Equal(encoded, GrpcMessageText.Encode(text));
        Assert.Equal(text, GrpcMessageText.Decode(encoded));
    }

    [Theory]
    [InlineData("50%", "50%")]
    [InlineData("%4", "%4")]
    [InlineData("%zz%41", "%zzA")]
    [InlineData("%41", "A")]
    public void Broken_escapes_are_kept(string encoded, string text) => Assert.Equal(text, GrpcMessageText.Decode(encoded));

    [Fact]
    public void Any_text_survives_the_way_there_and_back()
    {
        const int Seed = 20;
        var random = new Random(Seed);
        for (var round = 0; round < 10_000; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(20)).Select(_ => char.ConvertFromUtf32(random.Next(0xD800))));

            var encoded = GrpcMessageText.Encode(text);

            Assert.False(encoded.AsSpan().ContainsAnyExceptInRange(' ', '~'), $"seed {Seed}, round {round}");
            Assert.True(text == GrpcMessageText.Decode(encoded), $"seed {Seed}, round {round}");
        }
    }
}
