using System.Net;
using System.Net.NetworkInformation;
using System.Net.WebSockets;
using System.Security.Cryptography;
using Parley.Client.Calls;

namespace Parley.HubTests.Calls;

public sealed class CallPageTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_page_is_served_with_nothing_inline_and_nothing_from_elsewhere()
    {
        await using var page = await CallPage.StartAsync(RandomNumberGenerator.Fill, Stop);
        using var http = new HttpClient();

        using var answer = await http.GetAsync(page.Address, Stop);
        var html = await answer.Content.ReadAsStringAsync(Stop);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.StartsWith("default-src 'none'; script-src 'self';", string.Join(' ', answer.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        Assert.Equal("no-store", string.Join(' ', answer.Headers.GetValues("Cache-Control")));
        Assert.Equal("no-referrer", string.Join(' ', answer.Headers.GetValues("Referrer-Policy")));
        Assert.DoesNotContain("<script>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("style=", html, StringComparison.Ordinal);
        foreach (var name in (string[])["call.js", "negotiation.js", "own-media.js", "call.css"])
        {
            Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri(page.Address, name), Stop)).StatusCode);
        }
    }

    [Fact]
    public async Task Nobody_elsewhere_than_on_this_machine_reaches_the_page()
    {
        await using var page = await CallPage.StartAsync(RandomNumberGenerator.Fill, Stop);

        var listening = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Where(point => point.Port == page.Address.Port).ToList();

        Assert.NotEmpty(listening);
        Assert.All(listening, static point => Assert.True(IPAddress.IsLoopback(point.Address), $"{point}"));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/call.js")]
    [InlineData("/0000000000000000000000000000000000000000000000000000000000000000/")]
    [InlineData("{path}../call.js")]
    [InlineData("{path}README.md")]
    [InlineData("{path}x/y")]
    public async Task Whoever_does_not_know_the_path_finds_nothing(string path)
    {
        await using var page = await CallPage.StartAsync(RandomNumberGenerator.Fill, Stop);
        using var http = new HttpClient();

        using var answer = await http.GetAsync(new Uri(page.Address, path.Replace("{path}", page.Address.AbsolutePath, StringComparison.Ordinal)), Stop);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task A_page_that_points_its_own_name_at_this_machine_gets_nothing()
    {
        await using var page = await CallPage.StartAsync(RandomNumberGenerator.Fill, Stop);
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, page.Address);
        request.Headers.Host = $"evil.example:{page.Address.Port}";

        using var answer = await http.SendAsync(request, Stop);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("http://evil.example")]
    [InlineData("null")]
    public async Task A_link_of_another_origin_is_refused(string? origin)
    {
        await using var page = await CallPage.StartAsync(RandomNumberGenerator.Fill, Stop);
        using var socket = new ClientWebSocket();
        if (origin is not null)
        {
            socket.Options.SetRequestHeader("Origin", origin);
        }

        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(LinkOf(page), Stop));
        Assert.False(page.Window.IsCompleted);
    }

    [Fact]
    public async Task One_window_has_the_call_and_a_second_one_is_refused()
    {
        await using var page = await CallPage.StartAsync(RandomNumberGenerator.Fill, Stop);
        using var first = new ClientWebSocket();
        using var second = new ClientWebSocket();
        first.Options.SetRequestHeader("Origin", page.Address.GetLeftPart(UriPartial.Authority));
        second.Options.SetRequestHeader("Origin", page.Address.GetLeftPart(UriPartial.Authority));

        await first.ConnectAsync(LinkOf(page), Stop);

        await Assert.ThrowsAsync<WebSocketException>(() => second.ConnectAsync(LinkOf(page), Stop));
        Assert.Equal(WebSocketState.Open, (await page.Window).State);
    }

    private static Uri LinkOf(CallPage page) => new UriBuilder(new Uri(page.Address, "link")) { Scheme = "ws" }.Uri;
}
