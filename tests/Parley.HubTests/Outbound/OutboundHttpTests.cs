using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Parley.Hub.Outbound;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.HubTests.Outbound;

public sealed class OutboundHttpTests : IAsyncLifetime
{
    private readonly ScriptedResolver _resolver = new();
    private readonly List<string> _seen = [];
    private OutboundHttp _outbound = null!;
    private WebApplication _server = null!;
    private int _port;

    private static CancellationToken Timeout => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _outbound = new OutboundHttp(_resolver, TimeProvider.System);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _server = builder.Build();
        _server.Run(ServeAsync);
        await _server.StartAsync(Timeout);
        _port = new Uri(_server.Urls.First()).Port;
    }

    public async ValueTask DisposeAsync()
    {
        _outbound.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task An_address_that_was_opened_is_called()
    {
        using var response = await GetAsync(Policy("127.0.0.1"), $"http://127.0.0.1:{_port}/hello");

        Assert.Equal("hello", await response.Content.ReadAsStringAsync(Timeout));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("2130706433")]
    [InlineData("0x7f000001")]
    [InlineData("0177.0.0.1")]
    [InlineData("127.1")]
    [InlineData("0")]
    [InlineData("[::ffff:127.0.0.1]")]
    [InlineData("[64:ff9b::7f00:1]")]
    [InlineData("[2002:7f00:1::]")]
    public async Task Loopback_in_any_spelling_is_refused_and_nothing_arrives(string host)
    {
        var refusal = await Assert.ThrowsAsync<ParleyException>(() => GetAsync(Policy(), $"http://{host}:{_port}/hello"));

        Assert.Equal(ErrorCode.OutboundRefused, refusal.Code);
        Assert.Empty(_seen);
    }

    [Fact]
    public async Task A_name_that_leads_to_loopback_is_refused_when_it_is_connected_to()
    {
        _resolver.Answers["inside.example"] = new([[IPAddress.Loopback]]);

        var refusal = await Assert.ThrowsAsync<ParleyException>(() => GetAsync(Policy(), $"http://inside.example:{_port}/hello"));

        Assert.Equal(ErrorCode.OutboundRefused, refusal.Code);
        Assert.Contains("--allow-outbound", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(_seen);
    }

    [Fact]
    public async Task One_bad_address_among_good_ones_refuses_the_name()
    {
        _resolver.Answers["both.example"] = new([[IPAddress.Loopback, IPAddress.Parse("10.0.0.1")]]);

        await Assert.ThrowsAsync<ParleyException>(() => GetAsync(Policy("127.0.0.1"), $"http://both.example:{_port}/hello"));

        Assert.Empty(_seen);
    }

    [Fact]
    public async Task A_name_that_changes_its_mind_is_asked_once_for_a_connection_and_checked_for_each()
    {
        _resolver.Answers["rebind.example"] = new([[IPAddress.Loopback], [IPAddress.Parse("127.0.0.2")]]);
        var policy = Policy("127.0.0.1");
        using (var first = await GetAsync(policy, $"http://rebind.example:{_port}/close"))
        {
            Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        }

        Assert.Equal(1, _resolver.Asked);
        await Assert.ThrowsAsync<ParleyException>(() => GetAsync(policy, $"http://rebind.example:{_port}/close"));
        Assert.Equal(2, _resolver.Asked);
    }

    [Fact]
    public async Task Metadata_is_refused_even_when_its_name_was_opened()
    {
        _resolver.Answers["metadata.example"] = new([[IPAddress.Parse("169.254.169.254")]]);

        var refusal = await Assert.ThrowsAsync<ParleyException>(() => GetAsync(Policy("metadata.example", "169.254.0.0/16"), "http://metadata.example/latest/meta-data/"));

        Assert.Contains("metadata", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redirect_is_an_answer_and_not_followed()
    {
        using var response = await GetAsync(Policy("127.0.0.1"), $"http://127.0.0.1:{_port}/redirect");

        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.Equal(["/redirect"], _seen);
    }

    [Fact]
    public async Task Nothing_of_the_surroundings_travels_along()
    {
        using var activity = new System.Diagnostics.Activity("outside").Start();
        using (await GetAsync(Policy("127.0.0.1"), $"http://127.0.0.1:{_port}/cookie"))
        {
        }

        using var response = await GetAsync(Policy("127.0.0.1"), $"http://127.0.0.1:{_port}/headers");

        Assert.Equal("Host", await response.Content.ReadAsStringAsync(Timeout));
    }

    [Theory]
    [InlineData("/large")]
    [InlineData("/endless")]
    public async Task An_answer_beyond_the_limit_is_cut(string path)
    {
        var refusal = await Assert.ThrowsAsync<ParleyException>(async () =>
        {
            using var response = await GetAsync(Policy("127.0.0.1") with { MaxResponseBytes = 1000 }, $"http://127.0.0.1:{_port}{path}");
            await using var body = await response.Content.ReadAsStreamAsync(Timeout);
            await body.CopyToAsync(Stream.Null, Timeout);
        });

        Assert.Equal(ErrorCode.MessageTooLarge, refusal.Code);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_given_up()
    {
        var refusal = await Assert.ThrowsAsync<ParleyException>(() =>
            GetAsync(Policy("127.0.0.1") with { ResponseTimeout = TimeSpan.FromMilliseconds(200) }, $"http://127.0.0.1:{_port}/silent"));

        Assert.Equal(ErrorCode.DeadlineExceeded, refusal.Code);
    }

    [Fact]
    public async Task A_connection_that_does_not_come_up_in_time_is_no_cancellation()
    {
        _resolver.IsSilent = true;

        var refusal = await Assert.ThrowsAsync<ParleyException>(() => GetAsync(Policy("127.0.0.1") with { ConnectTimeout = TimeSpan.FromMilliseconds(200) }, "http://slow.example/"));

        Assert.Equal(ErrorCode.DeadlineExceeded, refusal.Code);
    }

    [Fact]
    public async Task An_answer_that_falls_silent_is_given_up()
    {
        using var response = await GetAsync(Policy("127.0.0.1") with { IdleTimeout = TimeSpan.FromMilliseconds(200) }, $"http://127.0.0.1:{_port}/stalled");
        await using var body = await response.Content.ReadAsStreamAsync(Timeout);

        var refusal = await Assert.ThrowsAsync<ParleyException>(() => body.CopyToAsync(Stream.Null, Timeout));

        Assert.Equal(ErrorCode.DeadlineExceeded, refusal.Code);
    }

    [Fact]
    public async Task The_next_address_is_tried_when_one_does_not_answer()
    {
        _resolver.Answers["two.example"] = new([[IPAddress.Parse("127.0.0.3"), IPAddress.Loopback]]);

        using var response = await GetAsync(Policy("127.0.0.0/8"), $"http://two.example:{_port}/hello");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task A_name_that_nobody_has_is_a_failure_of_the_other_side() =>
        await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync(Policy(), "http://nobody.example/"));

    [Fact]
    public void Calls_under_one_policy_share_one_invoker()
    {
        var policy = Policy();

        Assert.Same(_outbound.For(policy), _outbound.For(policy with { MaxResponseBytes = policy.MaxResponseBytes }));
        Assert.NotSame(_outbound.For(policy), _outbound.For(policy with { MaxResponseBytes = 1 }));
    }

    private static OutboundPolicy Policy(params string[] allowed) => new(new AddressPolicy(OutboundAllowList.Parse(allowed)));

    private async Task<HttpResponseMessage> GetAsync(OutboundPolicy policy, string url)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        return await _outbound.For(policy).SendAsync(request, Timeout);
    }

    private async Task ServeAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        lock (_seen)
        {
            _seen.Add(path);
        }

        var response = context.Response;
        switch (path)
        {
            case "/redirect":
                response.Redirect($"http://127.0.0.1:{_port}/hello");
                break;
            case "/cookie":
                response.Cookies.Append("tracking", "1");
                break;
            case "/close":
                response.Headers.Connection = "close";
                break;
            case "/headers":
                await response.WriteAsync(string.Join(',', context.Request.Headers.Keys), context.RequestAborted);
                break;
            case "/large":
                await response.Body.WriteAsync(new byte[1001], context.RequestAborted);
                break;
            case "/endless":
                while (!context.RequestAborted.IsCancellationRequested)
                {
                    await response.Body.WriteAsync(new byte[100], context.RequestAborted);
                    await response.Body.FlushAsync(context.RequestAborted);
                }

                break;
            case "/stalled":
                await response.Body.WriteAsync(new byte[100], context.RequestAborted);
                await response.Body.FlushAsync(context.RequestAborted);
                await Task.Delay(System.Threading.Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                break;
            case "/silent":
                await Task.Delay(System.Threading.Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                break;
            default:
                await response.WriteAsync("hello", context.RequestAborted);
                break;
        }
    }
}
