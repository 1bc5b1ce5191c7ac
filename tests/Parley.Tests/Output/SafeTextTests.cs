using System.Buffers;
using System.Text;
using Parley.Output;
using Parley.Testing;

namespace Parley.Tests.Output;

public sealed class SafeTextTests
{
    [Theory]
    [InlineData("\u001b[31mred", "\\x1b[31mred")]
    [InlineData("\u001b]52;c;ZXZpbA==\u0007", "\\x1b]52;c;ZXZpbA==\\x07")]
    [InlineData("safe\rfake", "safe\\x0dfake")]
    [InlineData("\u009b2J", "\\x9b2J")]
    [InlineData("a\u202eb\u2066c\u200fd", "a\\u{202e}b\\u{2066}c\\u{200f}d")]
    [InlineData("x\U000e0041y", "x\\u{e0041}y")]
    [InlineData("del\u007f nul\0", "del\\x7f nul\\x00")]
    public void What_steers_a_terminal_is_shown_as_an_escape(string text, string expected)
    {
        var clean = SafeText.Clean(text);

        Assert.Equal(expected, clean);
        Assert.Equal(expected, Encoding.UTF8.GetString(Filter([Encoding.UTF8.GetBytes(text)])));
    }

    [Theory]
    [InlineData("plain\n\ttext")]
    [InlineData("grüße, 日本語, עברית, 👩‍🚀")]
    public void Ordinary_text_of_any_script_is_unchanged(string text)
    {
        var clean = SafeText.Clean(text);

        Assert.Equal(text, clean);
        Assert.Equal(text, Encoding.UTF8.GetString(Filter([Encoding.UTF8.GetBytes(text)])));
    }

    [Fact]
    public void Json_stays_the_same_json_without_a_letter_that_a_terminal_obeys()
    {
        const string Text = "a\u202eb\u009b\u007f\ud83d\udc4d\udb40\udc41\u200d";

        var escaped = SafeText.EscapeJson($"{{\n  \"text\": \"{Text}\"\n}}");

        Assert.Equal("{\n  \"text\": \"a\\u202eb\\u009b\\u007f\ud83d\udc4d\\udb40\\udc41\u200d\"\n}", escaped);
        Assert.Equal(Text, System.Text.Json.JsonDocument.Parse(escaped).RootElement.GetProperty("text").GetString());
    }

    [Fact]
    public void A_character_cut_between_two_pieces_is_kept_whole()
    {
        var bytes = Encoding.UTF8.GetBytes("a日\u202e👍b");

        var filtered = Filter(bytes.Select(one => new[] { one }));

        Assert.Equal("a日\\u{202e}👍b", Encoding.UTF8.GetString(filtered));
    }

    [Fact]
    public void Bytes_that_are_not_text_are_shown_as_escapes()
    {
        var filtered = Filter([[0xff, (byte)'a', 0xc3], [(byte)'b', 0xe2, 0x82]]);

        Assert.Equal("\\xffa\\xc3b\\xe2\\x82", Encoding.ASCII.GetString(filtered));
    }

    [Fact]
    public void No_bytes_and_no_cut_let_a_control_through() =>
        Fuzz.Run(4711, Fuzz.Count, Pieces, pieces =>
        {
            var filtered = Filter(pieces);

            Assert.Equal(filtered, Filter([pieces.SelectMany(piece => piece).ToArray()]));
            var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(filtered);
            Assert.DoesNotContain(text, character => char.IsControl(character) && character is not ('\n' or '\t'));
        });

    private static byte[][] Pieces(Random random)
    {
        var pieces = new byte[random.Next(1, 6)][];
        for (var index = 0; index < pieces.Length; index++)
        {
            pieces[index] = random.Next(2) == 0
                ? Fuzz.Bytes(random, 12)
                : Fuzz.Mutate(random, "日\u202e👍\u001b[0m\u009b"u8);
        }

        return pieces;
    }

    private static byte[] Filter(IEnumerable<byte[]> pieces)
    {
        var filter = new SafeText();
        var output = new ArrayBufferWriter<byte>();
        foreach (var piece in pieces)
        {
            filter.Write(piece, output);
        }

        filter.Flush(output);
        return output.WrittenSpan.ToArray();
    }
}
