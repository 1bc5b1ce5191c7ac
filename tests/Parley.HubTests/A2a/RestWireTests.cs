using System.Net;
using Parley.Gateway.ProtoJson;
using Parley.Gateway.Wire.V1;
using Parley.Protocol.Errors;
using Parley.Testing.A2a;
using Task = System.Threading.Tasks.Task;

namespace Parley.HubTests.A2a;

/// <summary>REST as it stands on the wire: content types, queries, addresses, the two forms of 0.3.</summary>
public sealed class RestWireTests : IAsyncLifetime
{
    private const string Send = """{"message":{"messageId":"m","role":"ROLE_USER","parts":[{"text":"x"}]}}""";

    private DoorStage _stage = null!;

    public async ValueTask InitializeAsync()
    {
        _stage = await DoorStage.StartAsync();
        _stage.Operations.Answer = request => request switch
        {
            SendMessageRequest => new SendMessageResponse { Task = A2aSamples.Task() },
            GetTaskRequest or CancelTaskRequest => A2aSamples.Task(),
            TaskPushNotificationConfig or GetTaskPushNotificationConfigRequest => A2aSamples.Config(),
            _ => null,
        };
    }

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Theory]
    [InlineData("application/json", null, "application/json")]
    [InlineData("application/a2a+json", null, "application/a2a+json")]
    [InlineData("application/json; charset=utf-8", "application/a2a+json", "application/json")]
    [InlineData(null, "application/a2a+json, application/json", "application/a2a+json")]
    [InlineData(null, "application/json;q=0.9, */*", "application/json")]
    [InlineData(null, null, "application/a2a+json")]
    public async Task The_answer_has_the_content_type_that_the_client_speaks(string? sent, string? accepted, string expected)
    {
        (string, string)[] headers = accepted is null ? [] : [("Accept", accepted)];

        var answer = await _stage.PostAsync("/agents/bob/message:send", Send, sent, headers);
        var refusal = await _stage.PostAsync("/agents/bob/message:send", "{", sent, headers);

        Assert.Equal(expected, answer.Type);
        Assert.Equal(expected, refusal.Type);
    }

    [Fact]
    public async Task A_body_that_is_no_JSON_by_its_type_is_refused()
    {
        var answer = await _stage.PostAsync("/agents/bob/message:send", Send, "text/plain");

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains("CONTENT_TYPE_NOT_SUPPORTED", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_is_a_status_with_details()
    {
        _stage.Operations.Refusal = new ParleyException(ErrorCode.TaskUnknown, "There is no such task for you.");

        var answer = await _stage.GetAsync("/agents/bob/tasks/t-9");

        Assert.Equal(HttpStatusCode.NotFound, answer.Status);
        Assert.Equal(
            """{"error":{"code":404,"status":"NOT_FOUND","message":"There is no such task for you.","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"TASK_NOT_FOUND","domain":"a2a-protocol.org","metadata":{}}]}}""",
            answer.Text);
    }

    [Theory]
    [InlineData("/agents/bob/tasks?contextId=c&pageSize=3&historyLength=0&includeArtifacts=true&status=TASK_STATE_WORKING")]
    [InlineData("/agents/bob/tasks?context_id=c&page_size=3&history_length=0&include_artifacts=true&status=TASK_STATE_WORKING&unknown=1")]
    [InlineData("/agents/bob/v1/tasks?context_id=c&pageSize=3&historyLength=0&includeArtifacts=true&status=working")]
    [InlineData("/agents/bob/tasks?contextId=c&pageSize=3&historyLength=0&includeArtifacts=true&status=2")]
    public async Task Queries_are_read_in_both_spellings(string path)
    {
        var answer = await _stage.GetAsync(path);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(
            new ListTasksRequest { Tenant = "bob", ContextId = "c", PageSize = 3, HistoryLength = 0, IncludeArtifacts = true, Status = TaskState.Working },
            _stage.Operations.Last.Request);
    }

    [Theory]
    [InlineData("pageSize=many")]
    [InlineData("status=asleep")]
    [InlineData("statusTimestampAfter=yesterday")]
    public async Task A_query_that_does_not_fit_is_refused(string query)
    {
        var answer = await _stage.GetAsync("/agents/bob/tasks?" + query);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains("fieldViolations", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/agents/bob/message:send", "", "bob")]
    [InlineData("/bob/message:send", "bob", "bob")]
    [InlineData("/acme.bob/message:send", "bob", "acme.bob")]
    [InlineData("/message:send", "eve", "eve")]
    [InlineData("/message:send", "", "")]
    public async Task The_agent_is_that_of_the_path_or_else_the_tenant_of_the_body(string path, string tenant, string expected)
    {
        var answer = await _stage.PostAsync(path, Send[..^1] + $$""","tenant":"{{tenant}}"}""");

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(expected, ((SendMessageRequest)_stage.Operations.Last.Request).Tenant);
    }

    [Theory]
    [InlineData("/agents/bob/message:send")]
    [InlineData("/bob/message:send")]
    public async Task A_body_that_names_another_agent_than_the_path_is_refused(string path)
    {
        var answer = await _stage.PostAsync(path, Send[..^1] + ""","tenant":"eve"}""");

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal(0, _stage.Operations.Count);
    }

    [Fact]
    public async Task A_tenant_may_stand_in_the_query_of_a_shared_address()
    {
        await _stage.GetAsync("/tasks/t-1?tenant=eve");

        Assert.Equal(new GetTaskRequest { Tenant = "eve", Id = "t-1" }, _stage.Operations.Last.Request);
    }

    [Theory]
    [InlineData("/agents/bob/tasks/t-1:cancel", """{"id":"t-2"}""")]
    [InlineData("/agents/bob/tasks/t-1/pushNotificationConfigs", """{"taskId":"t-2","url":"https://x.example"}""")]
    public async Task A_body_that_names_another_task_than_the_path_is_refused(string path, string body)
    {
        var answer = await _stage.PostAsync(path, body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal(0, _stage.Operations.Count);
    }

    [Fact]
    public async Task A_cancellation_needs_no_body_and_takes_metadata()
    {
        await _stage.SendAsync("POST", "/agents/bob/tasks/t-1:cancel", null, null);
        var bare = _stage.Operations.Last.Request;
        await _stage.PostAsync("/agents/bob/tasks/t-1:cancel", """{"metadata":{"why":"late"}}""");
        var told = (CancelTaskRequest)_stage.Operations.Last.Request;

        Assert.Equal(new CancelTaskRequest { Tenant = "bob", Id = "t-1" }, bare);
        Assert.Equal("late", told.Metadata.Fields["why"].StringValue);
    }

    [Fact]
    public async Task Ids_in_paths_are_unescaped()
    {
        await _stage.GetAsync("/agents/bob/tasks/t%20%C3%A9%3A1");

        Assert.Equal("t é:1", ((GetTaskRequest)_stage.Operations.Last.Request).Id);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task A_subscription_is_asked_for_by_both_methods(string method)
    {
        _stage.Operations.Events = (_, _, _) => A2aSamples.EventsAsync(7);

        var answer = await _stage.SendAsync(method, "/agents/bob/tasks/t-1:subscribe", null, null);

        Assert.StartsWith("id: 7\ndata: {\"task\":{\"id\":\"t-1\"", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_send_without_a_body_is_refused()
    {
        var answer = await _stage.SendAsync("POST", "/agents/bob/message:send", null, null);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains("JSON_INVALID", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_refused()
    {
        var answer = await _stage.PostAsync("/agents/bob/message:send", new string(' ', JsonLimits.Default.MaxBytes + 1));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.Status);
        Assert.Equal(413, answer.ErrorCode);
    }

    [Theory]
    [InlineData("/agents/bob/tasks/t-1", "0.3")]
    [InlineData("/agents/bob/v1/tasks/t-1", "1.0")]
    [InlineData("/agents/bob/tasks/t-1", "2.0")]
    public async Task A_version_that_the_address_does_not_speak_is_refused(string path, string version)
    {
        var answer = await _stage.GetAsync(path, ("A2A-Version", version));

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains("VERSION_NOT_SUPPORTED", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_of_0_3_is_answered_in_the_form_that_it_has()
    {
        var kind = await _stage.PostAsync("/agents/bob/v1/message:send", """{"message":{"kind":"message","messageId":"m","role":"user","parts":[{"kind":"text","text":"x"}]}}""");
        var proto = await _stage.PostAsync("/agents/bob/v1/message:send", """{"message":{"messageId":"m","role":"ROLE_USER","content":[{"text":"x"}]}}""");
        var snake = await _stage.PostAsync("/agents/bob/v1/message:send", """{"request":{"message_id":"m","role":"ROLE_USER","content":[{"text":"x"}]},"configuration":{"blocking":true}}""");

        Assert.Equal("task", kind.Json.GetProperty("kind").GetString());
        Assert.Equal("input-required", kind.Json.GetProperty("status").GetProperty("state").GetString());
        Assert.Equal("TASK_STATE_INPUT_REQUIRED", proto.Json.GetProperty("task").GetProperty("status").GetProperty("state").GetString());
        Assert.Equal(proto.Text, snake.Text);
        Assert.Equal("m", ((SendMessageRequest)_stage.Operations.Last.Request).Message.MessageId);
        Assert.False(((SendMessageRequest)_stage.Operations.Last.Request).Configuration.ReturnImmediately);
    }

    [Theory]
    [InlineData("""{"taskId":"t-1","pushNotificationConfig":{"id":"p-1","url":"https://x.example"}}""", "taskId")]
    [InlineData("""{"name":"tasks/t-1/pushNotificationConfigs/p-1","pushNotificationConfig":{"url":"https://x.example"}}""", "name")]
    [InlineData("""{"parent":"tasks/t-1","configId":"p-1","config":{"pushNotificationConfig":{"url":"https://x.example"}}}""", "name")]
    [InlineData("""{"pushNotificationConfig":{"id":"p-1","url":"https://x.example"}}""", "name")]
    public async Task A_push_config_of_0_3_is_taken_in_every_form_that_clients_send(string body, string member)
    {
        var answer = await _stage.PostAsync("/agents/bob/v1/tasks/t-1/pushNotificationConfigs", body);

        Assert.Equal(new TaskPushNotificationConfig { Tenant = "bob", TaskId = "t-1", Id = "p-1", Url = "https://x.example" }, _stage.Operations.Last.Request);
        Assert.True(answer.Json.TryGetProperty(member, out _), answer.Text);
    }

    [Fact]
    public async Task A_refusal_of_0_3_is_the_error_of_JSON_RPC()
    {
        _stage.Operations.Refusal = new ParleyException(ErrorCode.TaskUnknown, "There is no such task for you.");

        var answer = await _stage.GetAsync("/agents/bob/v1/tasks/t-9");

        Assert.Equal(HttpStatusCode.NotFound, answer.Status);
        Assert.Equal(-32001, answer.Json.GetProperty("code").GetInt32());
        Assert.Equal("There is no such task for you.", answer.Json.GetProperty("message").GetString());
    }

    [Theory]
    [InlineData("/api/tasks")]
    [InlineData("/agents/message:send")]
    [InlineData("/v1/tasks")]
    public async Task The_hubs_own_words_are_no_tenants(string path)
    {
        var answer = await _stage.GetAsync(path);

        Assert.NotEqual(HttpStatusCode.OK, answer.Status);
        Assert.Equal(0, _stage.Operations.Count);
    }
}
