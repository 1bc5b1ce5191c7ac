using System.Buffers;
using System.Net;
using System.Net.WebSockets;
using Google.Protobuf;
using Parley.Hub.Pages;
using Parley.Protocol.Identity;
using Parley.Protocol.Link;
using Parley.Protocol.Wire;
using Parley.Testing;

namespace Parley.HubTests.Pages;

/// <summary>How the page is served, and whose links with an <c>Origin</c> are let in.</summary>
public sealed class PageDoorTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_page_and_each_of_its_files_come_with_headers_that_let_nothing_else_in()
    {
        await using var hub = await HubFixture.StartAsync();
        using var http = new HttpClient { BaseAddress = hub.Hub.Http };

        foreach (var path in PageFiles.Names.Select(static name => "/p2p/" + name).Append("/p2p"))
        {
            using var answer = await http.GetAsync(path, Stop);
            var policy = answer.Headers.GetValues("Content-Security-Policy").Single();

            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Contains("default-src 'none'; script-src 'self'; style-src 'self';", policy, StringComparison.Ordinal);
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
            Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
            Assert.Equal("no-referrer", answer.Headers.GetValues("Referrer-Policy").Single());
            Assert.True(answer.Headers.CacheControl!.NoStore);
        }
    }

    [Fact]
    public async Task The_page_holds_no_script_and_no_style_of_its_own()
    {
        var page = System.Text.Encoding.UTF8.GetString(PageFiles.Find(PageFiles.Index)!.Bytes.Span);

        Assert.DoesNotMatch("<script(?![^>]* src=\"/p2p/[a-z-]+\\.js\"></script>)", page);
        Assert.DoesNotMatch("<style|\\sstyle=|\\son[a-z]+=|https?://", page);
        Assert.All(PageFiles.Names.Where(static name => name.EndsWith(".js", StringComparison.Ordinal)), static name =>
            Assert.DoesNotMatch("\\beval\\(|new Function|innerHTML|document\\.write", System.Text.Encoding.UTF8.GetString(PageFiles.Find(name)!.Bytes.Span)));
        await Task.CompletedTask;
    }

    [Theory]
    [InlineData("POST", "/p2p", HttpStatusCode.MethodNotAllowed)]
    [InlineData("HEAD", "/p2p/app.js", HttpStatusCode.MethodNotAllowed)]
    [InlineData("GET", "/p2p/other.js", HttpStatusCode.NotFound)]
    [InlineData("GET", "/p2p/..%2fadmin.key", HttpStatusCode.NotFound)]
    public async Task Nothing_else_is_served(string method, string path, HttpStatusCode expected)
    {
        await using var hub = await HubFixture.StartAsync();
        using var http = new HttpClient { BaseAddress = hub.Hub.Http };

        using var answer = await http.SendAsync(new HttpRequestMessage(new HttpMethod(method), path), Stop);

        Assert.Equal(expected, answer.StatusCode);
    }

    [Fact]
    public async Task A_name_that_is_not_the_hubs_is_not_answered()
    {
        await using var hub = await HubFixture.StartAsync();
        using var http = new HttpClient { BaseAddress = hub.Hub.Http };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/p2p");
        request.Headers.Host = "rebound.example";

        using var answer = await http.SendAsync(request, Stop);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task A_hub_whose_page_is_off_serves_none_and_lets_no_origin_in()
    {
        await using var hub = await HubFixture.StartAsync(options => options.Visitors.IsPageServed = false);
        var alice = await hub.EnrolAsync("alice");
        using var http = new HttpClient { BaseAddress = hub.Hub.Http };

        using var answer = await http.GetAsync("/p2p", Stop);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("403", await TryAsync(hub, alice, OriginOf(hub)));
    }

    [Fact]
    public async Task A_visitor_comes_in_from_the_hubs_own_page_and_without_a_page()
    {
        await using var hub = await HubFixture.StartAsync();
        var bob = await hub.EnrolVisitorAsync(await hub.EnrolAsync("alice"), "bob");

        Assert.Equal("welcome", await TryAsync(hub, bob, OriginOf(hub)));
        Assert.Equal("welcome", await TryAsync(hub, bob, null));
    }

    [Fact]
    public async Task Nobody_but_a_visitor_comes_in_from_the_hubs_page()
    {
        await using var hub = await HubFixture.StartAsync();
        var alice = await hub.EnrolAsync("alice");

        Assert.Equal("link.proof", await TryAsync(hub, alice, OriginOf(hub)));
        Assert.Equal("welcome", await TryAsync(hub, alice, null));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("http://evil.example")]
    [InlineData("https://HOST")]
    [InlineData("http://HOST/")]
    [InlineData("http://HOST.evil.example")]
    [InlineData("http://localhost:1")]
    [InlineData("")]
    public async Task Any_other_origin_is_refused(string origin)
    {
        await using var hub = await HubFixture.StartAsync();
        var bob = await hub.EnrolVisitorAsync(await hub.EnrolAsync("alice"), "bob");

        Assert.Equal("403", await TryAsync(hub, bob, origin.Replace("HOST", hub.Hub.Http.Authority, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_page_under_a_name_that_points_here_is_refused_and_so_is_every_page_at_the_relay()
    {
        await using var hub = await HubFixture.StartAsync();
        var bob = await hub.EnrolVisitorAsync(await hub.EnrolAsync("alice"), "bob");

        Assert.Equal("403", await TryAsync(hub, bob, $"http://rebound.example:{hub.Hub.Http.Port}", $"rebound.example:{hub.Hub.Http.Port}"));
        Assert.Equal("403", await TryAsync(hub, bob, OriginOf(hub), path: "/api/relay"));
    }

    private static string OriginOf(HubFixture hub) => hub.Hub.Http.GetLeftPart(UriPartial.Authority);

    /// <summary>Opens a link as a browser does, and says how far it came.</summary>
    private static async Task<string> TryAsync(HubFixture hub, EnrolledAgent agent, string? origin, string? host = null, string path = "/api/link")
    {
        using var socket = new ClientWebSocket();
        if (origin is not null)
        {
            socket.Options.SetRequestHeader("Origin", origin);
        }

        if (host is not null)
        {
            socket.Options.SetRequestHeader("Host", host);
        }

        try
        {
            await socket.ConnectAsync(new UriBuilder(hub.Hub.Http) { Scheme = "ws", Path = path }.Uri, Stop);
        }
        catch (WebSocketException exception)
        {
            return exception.Message.Contains("403", StringComparison.Ordinal) ? "403" : exception.Message;
        }

        var nonce = new byte[LinkProof.NonceSize];
        await SendAsync(socket, new Frame { Hello = new Hello { VersionMin = 1, VersionMax = 1, Agent = agent.Address.ToString(), Role = SessionRole.Caller, Nonce = ByteString.CopyFrom(nonce), Home = ByteString.CopyFromUtf8("b") } });
        var challenge = (await ReadAsync(socket)).Challenge;
        var signed = LinkProof.Build(default, challenge.HubId, challenge.Nonce.Span, nonce, agent.Address, SessionRole.Caller, challenge.Version);
        await SendAsync(socket, new Frame { Proof = new Proof { Signature = ByteString.CopyFrom(agent.Identity.Sign(signed)) } });
        var answer = await ReadAsync(socket);
        return answer.Welcome is null ? answer.Goodbye.Code : "welcome";
    }

    private static async Task SendAsync(ClientWebSocket socket, Frame frame)
    {
        var bytes = new ArrayBufferWriter<byte>();
        FrameCodec.Write(bytes, frame);
        await socket.SendAsync(bytes.WrittenMemory, WebSocketMessageType.Binary, true, Stop);
    }

    private static async Task<Frame> ReadAsync(ClientWebSocket socket)
    {
        var received = ReadOnlySequence<byte>.Empty;
        Frame frame;
        while (!FrameCodec.TryRead(ref received, out frame))
        {
            var buffer = new byte[4096];
            var count = (await socket.ReceiveAsync(buffer.AsMemory(), Stop)).Count;
            received = new ReadOnlySequence<byte>([.. received.ToArray(), .. buffer[..count]]);
        }

        return frame;
    }
}
