using System.IO.Compression;
using System.Text;

namespace Parley.HubTests.Rooms;

/// <summary>Sizes, charsets and encodings of what is sent.</summary>
public sealed class RoomBodyTests : IAsyncLifetime
{
    private const int Limit = 1024 * 1024;

    private RoomHttp _http = null!;
    private string _host = null!;
    private string _joiner = null!;

    public async ValueTask InitializeAsync()
    {
        _http = await RoomHttp.StartAsync();
        (_host, _joiner) = await _http.PairAsync();
    }

    public ValueTask DisposeAsync() => _http.DisposeAsync();

    [Fact]
    public async Task A_mebibyte_passes_and_comes_out_whole()
    {
        var text = new string('x', Limit);

        Assert.Equal("200 DELIVERED", (await _http.SendAsync(_host, text)).Line);
        Assert.Contains($"│ {text}\n", (await _http.WaitAsync(_joiner)).Body);
    }

    [Fact]
    public async Task A_strangers_body_is_not_read()
    {
        using var client = await RawClient.ConnectAsync(_http.Hub.Hub.Http);

        await client.RequestHeadAsync("/send", "tok_0", Limit);

        Assert.StartsWith("HTTP/1.1 401", await client.ReadUntilAsync("Unauthorized"));
    }

    [Fact]
    public async Task A_byte_more_is_too_large_with_a_length_and_without()
    {
        var body = new byte[Limit + 1];
        body.AsSpan().Fill((byte)'x');
        var chunked = new StreamContent(new MemoryStream(body)) { Headers = { ContentType = new("text/plain") } };
        chunked.Headers.ContentLength = null;

        Assert.Equal(413, (await _http.SendAsync(_host, body, "text/plain")).Status);
        Assert.Equal(413, (await _http.CallAsync(HttpMethod.Post, "/send", _host, chunked, ("Transfer-Encoding", "chunked"))).Status);
        Assert.Equal(413, (await _http.SendAsync(_host, Gzip(body), "text/plain", ("Content-Encoding", "gzip"))).Status);
    }

    [Theory]
    [InlineData("text/plain; charset=utf-8", "utf-8")]
    [InlineData("TEXT/PLAIN;CHARSET=\"UTF-8\"", "utf-8")]
    [InlineData("text/plain; charset=utf8", "utf-8")]
    [InlineData("text/plain;charset=ISO-8859-1", "iso-8859-1")]
    [InlineData("text/plain; charset=latin1", "iso-8859-1")]
    [InlineData("text/plain; charset=windows-1252", "windows-1252")]
    [InlineData("text/plain; charset=cp1252", "windows-1252")]
    [InlineData("text/plain; charset=utf-16le", "utf-16")]
    [InlineData("text/plain; charset=ucs-2", "utf-16")]
    [InlineData("text/plain; charset=", "utf-8")]
    [InlineData("text/plain; nonsense", "utf-8")]
    public async Task Text_arrives_as_it_was_meant_in_any_charset(string contentType, string encoding)
    {
        var bytes = (CodePagesEncodingProvider.Instance.GetEncoding(encoding) ?? Encoding.GetEncoding(encoding)).GetBytes("Grüße é");

        Assert.Equal("200 DELIVERED", (await _http.SendAsync(_host, bytes, contentType)).Line);
        Assert.Contains("│ Grüße é\n", (await _http.WaitAsync(_joiner)).Body);
    }

    [Theory]
    [InlineData("koi8-r", "Привет")]
    [InlineData("shift_jis", "こんにちは")]
    [InlineData("gb18030", "你好")]
    [InlineData("euc-kr", "안녕")]
    [InlineData("big5", "你好")]
    public async Task Charsets_of_the_world_too(string charset, string text)
    {
        await _http.SendAsync(_host, CodePagesEncodingProvider.Instance.GetEncoding(charset)!.GetBytes(text), $"text/plain; charset={charset}");

        Assert.Contains($"│ {text}\n", (await _http.WaitAsync(_joiner)).Body);
    }

    [Theory]
    [InlineData("text/plain; charset=klingon")]
    [InlineData("text/plain; charset=utf-7")]
    public async Task An_unknown_charset_is_refused(string contentType) =>
        Assert.Equal(415, (await _http.SendAsync(_host, "x"u8.ToArray(), contentType)).Status);

    [Fact]
    public async Task A_byte_order_mark_is_no_content_and_alone_it_is_no_body()
    {
        await _http.SendAsync(_host, [0xEF, 0xBB, 0xBF, (byte)'x'], "text/plain");

        Assert.Contains("│ x\n", (await _http.WaitAsync(_joiner)).Body);
        Assert.Equal(400, (await _http.SendAsync(_host, [0xEF, 0xBB, 0xBF], "text/plain")).Status);
    }

    [Fact]
    public async Task Invalid_UTF8_becomes_replacement_characters()
    {
        await _http.SendAsync(_host, [(byte)'a', 0xFF, (byte)'b', 0xE2, 0x94], "text/plain");

        Assert.Contains("│ a\uFFFDb\uFFFD\n", (await _http.WaitAsync(_joiner)).Body);
    }

    [Fact]
    public async Task Control_characters_pass_untouched()
    {
        await _http.SendAsync(_host, "a\0b\u001b[31mc\r"u8.ToArray(), "text/plain");

        Assert.Contains("│ a\0b\u001b[31mc\r\n", (await _http.WaitAsync(_joiner)).Body);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    public async Task Compressed_bodies_are_taken(string coding)
    {
        var plain = Encoding.UTF8.GetBytes("compressed " + coding);
        var output = new MemoryStream();
        using (Stream packing = coding switch { "gzip" => new GZipStream(output, CompressionLevel.Fastest, true), "deflate" => new ZLibStream(output, CompressionLevel.Fastest, true), _ => new BrotliStream(output, CompressionLevel.Fastest, true) })
        {
            packing.Write(plain);
        }

        Assert.Equal("200 DELIVERED", (await _http.SendAsync(_host, output.ToArray(), "text/plain", ("Content-Encoding", coding))).Line);
        Assert.Contains($"│ compressed {coding}\n", (await _http.WaitAsync(_joiner)).Body);
    }

    [Fact]
    public async Task A_broken_or_unknown_compression_is_refused()
    {
        Assert.Equal(400, (await _http.SendAsync(_host, "no gzip"u8.ToArray(), "text/plain", ("Content-Encoding", "gzip"))).Status);
        Assert.Equal(415, (await _http.SendAsync(_host, "x"u8.ToArray(), "text/plain", ("Content-Encoding", "zip"))).Status);
    }

    [Fact]
    public async Task Shells_special_characters_arrive_as_they_are()
    {
        const string text = "`whoami` $(id) \"quoted\" 'single' \\n %s !! #x\n\ttab";

        await _http.SendAsync(_host, text);

        Assert.Contains($"│ {text.Replace("\n", "\n│ ", StringComparison.Ordinal)}\n", (await _http.WaitAsync(_joiner)).Body);
    }

    private static byte[] Gzip(byte[] plain)
    {
        var output = new MemoryStream();
        using (var packing = new GZipStream(output, CompressionLevel.Fastest, true))
        {
            packing.Write(plain);
        }

        return output.ToArray();
    }
}
