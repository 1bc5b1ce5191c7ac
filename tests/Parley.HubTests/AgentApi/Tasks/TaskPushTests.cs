using System.Collections.Concurrent;
using System.Net;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Parley.Gateway.A2a;
using Parley.Gateway.ProtoJson;
using Parley.Gateway.Wire.V1;
using Parley.Hub.AgentApi.Tasks.Push;
using Parley.Hub.Outbound;
using Parley.Protocol.Errors;
using Parley.Testing;
using Parley.Testing.Faults;
using Parley.Testing.Tasks;

namespace Parley.HubTests.AgentApi.Tasks;

public sealed class TaskPushTests : IAsyncLifetime
{
    private readonly ConcurrentQueue<(string Body, IReadOnlyDictionary<string, string> Headers)> _got = new();
    private readonly ConcurrentQueue<int> _answers = new();
    private TaskKit _kit = null!;
    private WebApplication _server = null!;
    private string _url = string.Empty;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _server = builder.Build();
        _server.Run(TakeAsync);
        await _server.StartAsync(Stop);
        _url = _server.Urls.First() + "/hook";
        _kit = await TaskKit.StartAsync(options => options.Outbound.Allowed = OutboundAllowList.Parse(["127.0.0.1"]));
    }

    public async ValueTask DisposeAsync()
    {
        await _kit.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async System.Threading.Tasks.Task Each_event_goes_out_in_order_with_token_and_credentials()
    {
        await _kit.EchoAsync();
        var task = await _kit.SendAsync(_kit.Message("hello", Inline));
        var events = await _kit.FollowAsync(task.Id, 0);
        await GotAsync(events.Count);

        Assert.Equal(events.Select(one => one.Response), _got.Select(post => JsonDialect.V1.Parse<StreamResponse>(System.Text.Encoding.UTF8.GetBytes(post.Body), JsonLimits.Default)));
        Assert.All(_got, post => Assert.Equal(("Bearer abc", "tok-9", "application/a2a+json", "1.0"), (post.Headers["Authorization"], post.Headers["X-A2A-Notification-Token"], post.Headers["Content-Type"], post.Headers["A2A-Version"])));
    }

    [Fact]
    public async System.Threading.Tasks.Task A_config_of_0_3_gets_the_bare_task()
    {
        var call = TaskKit.CallOf("acme", A2aVersion.V03);
        var task = await _kit.SendAsync(_kit.Message("hello", request =>
        {
            Inline(request);
            request.Configuration.ReturnImmediately = true;
        }), call);
        await _kit.EchoAsync();
        await _kit.UntilAsync(task.Id, TaskState.Completed);
        await Deadline.UntilAsync(() => _got.Any(post => post.Body.Contains("\"completed\"", StringComparison.Ordinal)), "the end is told");

        Assert.All(_got, post => Assert.StartsWith("{\"kind\":\"task\"", post.Body.Replace(" ", string.Empty, StringComparison.Ordinal), StringComparison.Ordinal));
        Assert.Contains("echo hello", _got.Last().Body, StringComparison.Ordinal);
    }

    [Fact]
    public async System.Threading.Tasks.Task What_is_not_taken_is_sent_again_in_order()
    {
        _answers.Enqueue(503);
        _answers.Enqueue(500);
        await _kit.EchoAsync();
        var task = await _kit.SendAsync(_kit.Message("hello", Inline));
        var count = (await _kit.FollowAsync(task.Id, 0)).Count;
        await GotAsync(count + 2);

        var bodies = _got.Select(post => post.Body).ToList();
        Assert.Equal(bodies[0], bodies[1]);
        Assert.Equal(bodies[1], bodies[2]);
        Assert.Equal(count, bodies.Distinct().Count());
    }

    [Fact]
    public async System.Threading.Tasks.Task What_was_not_taken_before_a_restart_goes_out_after_it()
    {
        Enumerable.Range(0, 3).ToList().ForEach(_ => _answers.Enqueue(503));
        await _kit.EchoAsync();
        var task = await _kit.SendAsync(_kit.Message("hello", Inline));
        await GotAsync(1);
        await _kit.RestartAsync();
        var count = (await _kit.FollowAsync(task.Id, 0)).Count;

        await Deadline.UntilAsync(() => _got.Select(post => post.Body).Distinct().Count() == count, "everything is told");
    }

    [Fact]
    public async System.Threading.Tasks.Task Configs_are_made_found_listed_and_deleted_by_the_owner()
    {
        var task = await _kit.PostAsync("later");
        var made = await _kit.Tasks.CreatePushConfigAsync(TaskKit.Acme, Config(task.Id), Stop);
        var found = await _kit.Tasks.GetPushConfigAsync(TaskKit.Acme, new GetTaskPushNotificationConfigRequest { TaskId = task.Id }, Stop);
        var listed = await _kit.Tasks.ListPushConfigsAsync(TaskKit.Acme, new ListTaskPushNotificationConfigsRequest { TaskId = task.Id }, Stop);
        var stranger = await Assert.ThrowsAsync<ParleyException>(() => _kit.Tasks.GetPushConfigAsync(TaskKit.CallOf("evil"), new GetTaskPushNotificationConfigRequest { TaskId = task.Id, Id = made.Id }, Stop));
        for (var time = 0; time < 2; time++)
        {
            await _kit.Tasks.DeletePushConfigAsync(TaskKit.Acme, new DeleteTaskPushNotificationConfigRequest { TaskId = task.Id, Id = made.Id }, Stop);
        }

        var gone = await Assert.ThrowsAsync<ParleyException>(() => _kit.Tasks.GetPushConfigAsync(TaskKit.Acme, new GetTaskPushNotificationConfigRequest { TaskId = task.Id, Id = made.Id }, Stop));
        Assert.NotEmpty(made.Id);
        Assert.Equal((made, made), (found, Assert.Single(listed.Configs)));
        Assert.Equal((ErrorCode.TaskUnknown, ErrorCode.TaskUnknown), (stranger.Code, gone.Code));
    }

    [Theory]
    [InlineData("http://10.0.0.1/", ErrorCode.OutboundRefused)]
    [InlineData("ftp://example.com/", ErrorCode.OutboundRefused)]
    [InlineData("nonsense", ErrorCode.InvalidArgument)]
    [InlineData("", ErrorCode.InvalidArgument)]
    public async System.Threading.Tasks.Task An_address_that_is_never_called_is_refused_at_once(string url, ErrorCode expected)
    {
        var task = await _kit.PostAsync("later");
        var config = Config(task.Id);
        config.Url = url;

        var made = await Assert.ThrowsAsync<ParleyException>(() => _kit.Tasks.CreatePushConfigAsync(TaskKit.Acme, config, Stop));
        var inline = await Assert.ThrowsAsync<ParleyException>(() => _kit.SendAsync(_kit.Message("x", request => request.Configuration = new SendMessageConfiguration { TaskPushNotificationConfig = config })));

        Assert.Equal((expected, expected), (made.Code, inline.Code));
    }

    [Fact]
    public async System.Threading.Tasks.Task Secrets_are_in_no_log()
    {
        _kit.Hub.Log.Allow("was given up");
        _kit.Open.Options.PushAttempts = 1;
        _answers.Enqueue(500);
        await _kit.EchoAsync();
        await _kit.SendAsync(_kit.Message("hello", Inline));
        await Deadline.UntilAsync(() => _kit.Hub.Get<PushDelivery>().GivenUp > 0, "it is given up");

        Assert.DoesNotContain("Bearer abc", _kit.Hub.Log.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("tok-9", _kit.Hub.Log.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async System.Threading.Tasks.Task Each_event_goes_out_once_though_the_store_took_nothing_when_the_last_ones_came()
    {
        _kit.AllowFailingStore();
        var task = await _kit.SendAsync(_kit.Message("hello", request =>
        {
            Inline(request);
            request.Configuration.ReturnImmediately = true;
        }));
        await GotAsync(1);
        await HeldUpStore.HoldUpAsync(_kit.Hub, "UPDATE ON task_pushes");
        await _kit.EchoAsync();
        await _kit.UntilAsync(task.Id, TaskState.Completed);
        await HeldUpStore.FailedAsync(_kit.Hub);

        await HeldUpStore.LetGoAsync(_kit.Hub);
        var events = await _kit.FollowAsync(task.Id, 0);
        await GotAsync(events.Count);

        Assert.Equal(events.Select(one => one.Response), _got.Select(post => JsonDialect.V1.Parse<StreamResponse>(System.Text.Encoding.UTF8.GetBytes(post.Body), JsonLimits.Default)));
    }

    private void Inline(SendMessageRequest request) => request.Configuration = new SendMessageConfiguration { TaskPushNotificationConfig = Config(string.Empty) };

    private TaskPushNotificationConfig Config(string taskId) =>
        new() { TaskId = taskId, Url = _url, Token = "tok-9", Authentication = new AuthenticationInfo { Scheme = "Bearer", Credentials = "abc" } };

    private System.Threading.Tasks.Task GotAsync(int count) => Deadline.UntilAsync(() => _got.Count >= count, $"{count} notifications");

    private async System.Threading.Tasks.Task TakeAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        _got.Enqueue((body, context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase)));
        context.Response.StatusCode = _answers.TryDequeue(out var answer) ? answer : 200;
    }
}
