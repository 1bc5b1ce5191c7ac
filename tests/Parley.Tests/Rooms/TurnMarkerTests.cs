using Parley.Hub.Rooms;
using Parley.Testing;

namespace Parley.Tests.Rooms;

public sealed class TurnMarkerTests
{
    [Theory]
    [InlineData("hello [OVER]", "Over", "hello")]
    [InlineData("hello[over]\n", "Over", "hello")]
    [InlineData("  hello \n [Standby] \r\n\t", "Standby", "  hello")]
    [InlineData("both [OVER] markers [STANDBY]", "Standby", "both [OVER] markers")]
    [InlineData("inline [OVER] in the middle", "None", "inline [OVER] in the middle")]
    [InlineData("no marker \n", "None", "no marker \n")]
    [InlineData("[OVER]", "Over", "")]
    [InlineData("[OVER] [OVER]", "Over", "[OVER]")]
    [InlineData("mark \uFEFF[OVER]\u00A0", "Over", "mark")]
    [InlineData("next line [OVER]\u0085", "None", "next line [OVER]\u0085")]
    [InlineData("[OVER", "None", "[OVER")]
    [InlineData("   ", "None", "   ")]
    [InlineData("", "None", "")]
    public void Only_the_marker_at_the_end_counts_and_goes_with_the_space_around_it(string body, string turn, string text) =>
        Assert.Equal((Enum.Parse<Turn>(turn), text), TurnMarker.Read(body));

    [Fact]
    public void No_text_breaks_it_and_nothing_but_the_end_changes() => Fuzz.Run(
        20_100,
        Fuzz.Count,
        random => string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => new[] { "[OVER]", "[STANDBY]", " ", "\n", "[", "]", "x", "é", "\uD83D" }[random.Next(9)])),
        body =>
        {
            var (turn, text) = TurnMarker.Read(body);

            Assert.StartsWith(text, body, StringComparison.Ordinal);
            Assert.Equal(turn == Turn.None, text.Length == body.Length);
            Assert.Equal(TurnMarker.TextOf(turn), body[text.Length..].Trim('\n', ' '));
        });
}
