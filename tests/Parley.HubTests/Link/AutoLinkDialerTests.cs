using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Client.HubLink;
using Parley.Client.Messaging;
using Parley.Testing;
using Parley.Testing.Grpc;

namespace Parley.HubTests.Link;

/// <summary>A way to the hub that fails by silence: the link goes the other way by itself.</summary>
public sealed class AutoLinkDialerTests
{
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Where_a_way_takes_the_connection_and_says_nothing_the_link_goes_the_other()
    {
        await using var hub = await HubFixture.StartAsync();
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var link = await StartLinkAsync(hub, new Uri($"http://{silent.LocalEndpoint}"));

        await Deadline.UntilAsync(() => _time.ArmedTimers == 2, "the limits of the dial and of its first way");
        _time.Advance(TimeSpan.FromSeconds(5));
        await link.WaitConnectedAsync(Stop).WaitAsync(Deadline.Shared, Stop);

        Assert.Equal("websocket", link.TransportName);
    }

    [Fact]
    public async Task Where_a_way_opens_and_lets_nothing_pass_the_next_dial_goes_the_other()
    {
        await using var hub = await HubFixture.StartAsync();
        var hello = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var proxy = await GrpcTestServer.StartAsync(application => application.MapPost("/parley.v1.Link/Connect", context => SwallowAsync(context, hello)));
        await using var link = await StartLinkAsync(hub, proxy.Address);

        await hello.Task.WaitAsync(Deadline.Shared, Stop);
        _time.Advance(TimeSpan.FromSeconds(15));
        await link.WaitConnectedAsync(Stop).WaitAsync(Deadline.Shared, Stop);

        Assert.Equal("websocket", link.TransportName);
    }

    private async Task<HubLink> StartLinkAsync(HubFixture hub, Uri grpc)
    {
        var agent = await hub.EnrolAsync("bob");
        var profile = agent.Profile with { Grpc = grpc };
        var options = new HubLinkOptions { FailsFast = true, MaxBackoff = TimeSpan.Zero };
        var events = new Sender(_time, RandomNumberGenerator.Fill);
        var link = new HubLink(options, new AutoLinkDialer(profile, _time), profile, agent.Identity, events, _time, RandomNumberGenerator.Fill, NullLogger.Instance);
        events.Use(link);
        link.Start();
        return link;
    }

    private static async Task SwallowAsync(HttpContext context, TaskCompletionSource hello)
    {
        context.Response.ContentType = "application/grpc";
        await context.Response.Body.FlushAsync(context.RequestAborted);
        var buffer = new byte[1024];
        while (await context.Request.Body.ReadAsync(buffer, context.RequestAborted) > 0)
        {
            hello.TrySetResult();
        }
    }
}
