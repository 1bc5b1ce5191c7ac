using System.Text;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;

namespace Parley.Tests.Identity;

public sealed class JoinStringTests
{
    private const string Token = "pjt_0123456789abcdefghijklmnop";
    private static readonly SpkiPin _pin = SpkiPin.FromHash([.. Enumerable.Range(0, 32).Select(value => (byte)value)]);

    [Fact]
    public void A_join_string_survives_the_paste()
    {
        var join = Pinned();

        var parsed = JoinString.Parse(join.Reveal());

        Assert.Equal(join, parsed);
    }

    [Fact]
    public void A_hub_without_TLS_has_two_addresses_and_no_pin()
    {
        var join = new JoinString("hub-aaaaaaaaaaaaaaaa", new Uri("http://127.0.0.1:7420"), new Uri("http://[::1]:7421"), null, Token);

        var parsed = JoinString.Parse(join.Reveal());

        Assert.Equal((join.Http, join.Grpc, null), (parsed.Http, parsed.Grpc, parsed.Pin));
    }

    [Fact]
    public void A_line_that_a_mail_program_wrapped_still_works()
    {
        var text = Pinned().Reveal();

        var parsed = JoinString.Parse($"  {text[..40]}\r\n {text[40..]}\n");

        Assert.Equal(Pinned(), parsed);
    }

    [Fact]
    public void The_text_form_masks_the_token()
    {
        var join = Pinned();

        Assert.DoesNotContain(Token, join.ToString(), StringComparison.Ordinal);
        Assert.Equal("parley-join-*** (hub-aaaaaaaaaaaaaaaa at https://hub.example:7420)", join.ToString());
    }

    [Fact]
    public void Every_shortened_paste_is_told_as_cut()
    {
        var text = Pinned().Reveal();

        for (var length = JoinString.Prefix.Length + 8; length < text.Length; length++)
        {
            var refusal = Assert.Throws<ParleyException>(() => JoinString.Parse(text[..length]));

            Assert.Equal(ErrorCode.InvalidArgument, refusal.Code);
            Assert.Contains("cut or changed", refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_newer_layout_asks_for_an_update()
    {
        var refusal = Assert.Throws<ParleyException>(() => JoinString.Parse(JoinString.Prefix + "AgAAAAAAAAAAAA"));

        Assert.Contains("newer Parley", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("https://hub.example/join")]
    public void Anything_else_is_told_how_a_join_string_starts(string text)
    {
        var refusal = Assert.Throws<ParleyException>(() => JoinString.Parse(text));

        Assert.Contains("starts with parley-join-", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("short", "https://hub.example", "https://hub.example")]
    [InlineData(Token, "ftp://hub.example", "https://hub.example")]
    [InlineData(Token, "https://hub.example/path", "https://hub.example")]
    [InlineData(Token, "https://user:pass@hub.example", "https://hub.example")]
    [InlineData(Token, "https://hub.example", "http://hub.example")]
    public void Weak_tokens_odd_addresses_and_a_pin_in_the_clear_are_refused(string token, string http, string grpc)
    {
        var refusal = Assert.Throws<ParleyException>(() => new JoinString("hub-aaaaaaaaaaaaaaaa", new Uri(http), new Uri(grpc), _pin, token));

        Assert.Equal(ErrorCode.InvalidArgument, refusal.Code);
    }

    [Fact]
    public void No_damage_is_taken_for_a_join_string()
    {
        const int Seed = 20;
        var random = new Random(Seed);
        var text = Pinned().Reveal();

        for (var round = 0; round < 10_000; round++)
        {
            var damaged = new StringBuilder(text);
            damaged[random.Next(damaged.Length)] = (char)random.Next(1, 256);
            var line = damaged.ToString(0, random.Next(damaged.Length + 1));
            var failure = Record.Exception(() => JoinString.Parse(line));

            var isSame = failure is null && string.Concat(line.Where(c => !char.IsWhiteSpace(c))) == text;
            Assert.True(isSame || failure is ParleyException { Code: ErrorCode.InvalidArgument }, $"seed {Seed}, round {round}: {failure}");
        }
    }

    [Fact]
    public void No_bytes_behind_a_good_checksum_crash_the_reader()
    {
        const int Seed = 21;
        var random = new Random(Seed);

        for (var round = 0; round < 10_000; round++)
        {
            var body = new byte[random.Next(1, 60)];
            random.NextBytes(body);
            body[0] = 1;
            for (var index = 1; index < body.Length; index++)
            {
                body[index] = (byte)(body[index] < 100 ? body[index] % 8 : body[index]);
            }

            var line = JoinString.Prefix + System.Buffers.Text.Base64Url.EncodeToString([.. body, .. System.Security.Cryptography.SHA256.HashData(body)[..4]]);
            var failure = Record.Exception(() => JoinString.Parse(line));

            Assert.True(failure is ParleyException { Code: ErrorCode.InvalidArgument }, $"seed {Seed}, round {round}: {failure}");
        }
    }

    private static JoinString Pinned() =>
        new("hub-aaaaaaaaaaaaaaaa", new Uri("https://hub.example:7420"), new Uri("https://hub.example:7420"), _pin, Token);
}
