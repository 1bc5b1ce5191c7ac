using System.Net;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Parley.Gateway.A2a;
using Parley.Gateway.ProtoJson;
using Parley.Gateway.Wire.V1;
using Parley.Hub.Transports.Http.A2a;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Testing.A2a;
using Task = System.Threading.Tasks.Task;

namespace Parley.HubTests.A2a;

/// <summary>JSON-RPC as it stands on the wire: envelopes, versions, addresses, limits.</summary>
public sealed class JsonRpcWireTests : IAsyncLifetime
{
    private const string GetTask = """{"jsonrpc":"2.0","id":1,"method":"GetTask","params":{"id":"t-1"}}""";
    private const string OldGetTask = """{"jsonrpc":"2.0","id":1,"method":"tasks/get","params":{"id":"t-1"}}""";

    private DoorStage _stage = null!;

    public async ValueTask InitializeAsync()
    {
        _stage = await DoorStage.StartAsync();
        _stage.Operations.Answer = request => request is GetTaskRequest ? A2aSamples.Task() : null;
    }

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Theory]
    [InlineData("1")]
    [InlineData("-9007199254740991")]
    [InlineData("\"req-001\"")]
    [InlineData("\"\\u00e9 \\\"x\\\"\"")]
    [InlineData("null")]
    public async Task The_id_comes_back_as_it_was_sent(string id)
    {
        var answer = await _stage.PostAsync("/agents/bob", $$$"""{"jsonrpc":"2.0","id":{{{id}}},"method":"GetTask","params":{"id":"t-1"}}""");

        Assert.StartsWith($$"""{"jsonrpc":"2.0","id":{{id}},"result":{"id":"t-1",""", answer.Text, StringComparison.Ordinal);
        Assert.Equal("application/json", answer.Type);
    }

    [Fact]
    public async Task A_call_without_an_id_is_answered_with_null()
    {
        var answer = await _stage.PostAsync("/agents/bob", """{"jsonrpc":"2.0","method":"GetTask","params":{"id":"t-1"}}""");

        Assert.StartsWith("""{"jsonrpc":"2.0","id":null,"result":""", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", -32700)]
    [InlineData("{", -32700)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"GetTask","params":{"id":"t-1"}} x""", -32700)]
    [InlineData("[]", -32600)]
    [InlineData("[" + GetTask + "]", -32600)]
    [InlineData("""{"jsonrpc":"1.0","id":1,"method":"GetTask"}""", -32600)]
    [InlineData("""{"jsonrpc":"2.0","id":1.5,"method":"GetTask"}""", -32600)]
    [InlineData("""{"jsonrpc":"2.0","id":{},"method":"GetTask"}""", -32600)]
    [InlineData("""{"jsonrpc":"2.0","id":1}""", -32600)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"NoSuchMethod"}""", -32601)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tasks/no"}""", -32601)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"GetTask","params":[]}""", -32602)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"GetTask","params":{"id":5}}""", -32602)]
    public async Task What_is_no_good_call_is_refused_with_the_code_of_JSON_RPC(string body, int code)
    {
        var answer = await _stage.PostAsync("/agents/bob", body);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(code, answer.ErrorCode);
        Assert.Equal(0, _stage.Operations.Count);
    }

    [Fact]
    public async Task A_refusal_bears_the_id_of_its_call()
    {
        var answer = await _stage.PostAsync("/agents/bob", """{"jsonrpc":"2.0","id":"x","method":"NoSuchMethod"}""");

        Assert.Equal("x", answer.Json.GetProperty("id").GetString());
    }

    [Theory]
    [InlineData(28, true)]
    [InlineData(40, false)]
    [InlineData(20_000, false)]
    public async Task Nesting_has_a_limit(int depth, bool isGood)
    {
        var metadata = string.Concat(Enumerable.Repeat("[", depth)) + string.Concat(Enumerable.Repeat("]", depth));

        var answer = await _stage.PostAsync("/agents/bob", $$$$"""{"jsonrpc":"2.0","id":1,"method":"CancelTask","params":{"id":"t","metadata":{"x":{{{{metadata}}}}}}}""");

        Assert.Equal(isGood, answer.Json.TryGetProperty("result", out _));
        Assert.Equal(isGood ? 0 : -32700, isGood ? 0 : answer.ErrorCode);
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_refused_and_one_at_it_is_not()
    {
        var head = """{"jsonrpc":"2.0","id":1,"method":"GetTask","params":{"id":"t-1"},"more":" """.TrimEnd();
        var full = head + new string('x', JsonLimits.Default.MaxBytes - head.Length - 2) + "\"}";

        var good = await _stage.PostAsync("/agents/bob", full);
        var bad = await _stage.PostAsync("/agents/bob", full + " ");

        Assert.Equal("t-1", good.Json.GetProperty("result").GetProperty("id").GetString());
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, bad.Status);
        Assert.Equal(-32602, bad.ErrorCode);
    }

    [Theory]
    [InlineData("application/json; charset=utf-8", 200)]
    [InlineData("application/a2a+json", 200)]
    [InlineData(null, 200)]
    [InlineData("text/plain", 415)]
    [InlineData("application/x-www-form-urlencoded", 415)]
    public async Task Bodies_are_JSON_by_their_type(string? type, int status)
    {
        var answer = await _stage.PostAsync("/agents/bob", GetTask, type);

        Assert.Equal(status, (int)answer.Status);
        Assert.Equal(status == 200 ? 0 : -32005, status == 200 ? 0 : answer.ErrorCode);
    }

    [Fact]
    public async Task A_compressed_body_is_refused_and_not_taken_for_noise()
    {
        var answer = await _stage.PostAsync("/agents/bob", GetTask, "application/json", ("Content-Encoding", "gzip"));

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.Status);
    }

    [Theory]
    [InlineData(GetTask, null, A2aVersion.V1)]
    [InlineData(GetTask, "", A2aVersion.V1)]
    [InlineData(GetTask, "1.0", A2aVersion.V1)]
    [InlineData(GetTask, "1.0.1", A2aVersion.V1)]
    [InlineData(OldGetTask, null, A2aVersion.V03)]
    [InlineData(OldGetTask, "0.3", A2aVersion.V03)]
    [InlineData(OldGetTask, "0.3.0", A2aVersion.V03)]
    internal async Task The_version_is_that_of_the_header_or_else_of_the_methods_name(string body, string? header, A2aVersion version)
    {
        var answer = await _stage.PostAsync("/agents/bob", body, "application/json", header is null ? [] : [("A2A-Version", header)]);

        Assert.Equal(version, _stage.Operations.Last.Call.Version);
        Assert.Equal(version == A2aVersion.V1 ? "TASK_STATE_INPUT_REQUIRED" : "input-required", answer.Json.GetProperty("result").GetProperty("status").GetProperty("state").GetString());
    }

    [Theory]
    [InlineData(GetTask, "2.0", -32009)]
    [InlineData(GetTask, "0.2", -32009)]
    [InlineData(GetTask, "latest", -32009)]
    [InlineData(GetTask, "0.3", -32601)]
    [InlineData(OldGetTask, "1.0", -32601)]
    public async Task A_version_that_is_not_spoken_or_does_not_know_the_method_is_refused(string body, string header, int code)
    {
        var answer = await _stage.PostAsync("/agents/bob", body, "application/json", ("A2A-Version", header));

        Assert.Equal(code, answer.ErrorCode);
    }

    [Fact]
    public async Task Two_versions_are_none()
    {
        var twoLines = new DefaultHttpContext { Request = { Headers = { ["A2A-Version"] = new StringValues(["0.3", "1.0"]) } } };

        var inHeaders = Assert.Throws<ParleyException>(() => A2aDesk.VersionOf(twoLines));
        var inTheQuery = await _stage.PostAsync("/agents/bob?A2A-Version=0.3&A2A-Version=1.0", GetTask);

        Assert.Equal((ErrorCode.ProtocolVersion, -32009), (inHeaders.Code, inTheQuery.ErrorCode));
    }

    [Fact]
    public async Task The_caller_s_own_word_for_the_hub_reaches_the_operation()
    {
        await _stage.PostAsync("/agents/bob", GetTask, "application/json", ("Host", $"localhost:{_stage.Http.BaseAddress!.Port}"));

        Assert.Equal($"http://localhost:{_stage.Http.BaseAddress!.Port}/", _stage.Operations.Last.Call.BaseUrl!.ToString());
    }

    [Fact]
    public async Task The_version_may_stand_in_the_query()
    {
        var answer = await _stage.PostAsync("/agents/bob?A2A-Version=9.9", GetTask);

        Assert.Equal(-32009, answer.ErrorCode);
    }

    [Theory]
    [InlineData("/agents/bob", "bob")]
    [InlineData("/agents/bob/", "bob")]
    [InlineData("/agents/acme.bob", "acme.bob")]
    [InlineData("/bob/a2a", "bob")]
    [InlineData("/acme.bob/a2a", "acme.bob")]
    [InlineData("/a2a", "")]
    public async Task The_address_names_the_agent_or_leaves_it_to_the_request(string path, string tenant)
    {
        await _stage.PostAsync(path, GetTask);

        Assert.Equal(tenant, ((GetTaskRequest)_stage.Operations.Last.Request).Tenant);
    }

    [Theory]
    [InlineData("/a2a", "eve", "eve")]
    [InlineData("/agents/bob", "bob", "bob")]
    [InlineData("/agents/bob", "acme.bob", "acme.bob")]
    [InlineData("/agents/acme.bob", "bob", "acme.bob")]
    public async Task A_tenant_that_means_the_agent_of_the_address_is_taken(string path, string tenant, string expected)
    {
        var answer = await _stage.PostAsync(path, $$$"""{"jsonrpc":"2.0","id":1,"method":"GetTask","params":{"tenant":"{{{tenant}}}","id":"t-1"}}""");

        Assert.True(answer.Json.TryGetProperty("result", out _), answer.Text);
        Assert.Equal(expected, ((GetTaskRequest)_stage.Operations.Last.Request).Tenant);
    }

    [Theory]
    [InlineData("eve")]
    [InlineData("umbrella.bob")]
    [InlineData("nobody")]
    public async Task A_tenant_that_means_another_agent_is_refused_whether_it_is_there_or_not(string tenant)
    {
        var answer = await _stage.PostAsync("/agents/bob", $$$"""{"jsonrpc":"2.0","id":1,"method":"GetTask","params":{"tenant":"{{{tenant}}}","id":"t-1"}}""");

        Assert.Equal(-32602, answer.ErrorCode);
        Assert.Contains("\"field\":\"tenant\"", answer.Text, StringComparison.Ordinal);
        Assert.Equal(0, _stage.Operations.Count);
    }

    [Fact]
    public async Task Extensions_that_the_card_has_are_said_to_be_in_force()
    {
        var card = new AgentCard { Capabilities = new AgentCapabilities { Extensions = { new AgentExtension { Uri = "https://e.example/1" }, new AgentExtension { Uri = "https://e.example/2" } } } };
        _stage.Cards.Add(new AgentAddress("acme", "bob"), card);

        var both = await _stage.PostAsync("/agents/bob", GetTask, "application/json", ("A2A-Extensions", "https://e.example/2, https://e.example/9"));
        var old = await _stage.PostAsync("/agents/bob", OldGetTask, "application/json", ("X-A2A-Extensions", "https://e.example/1"));
        var none = await _stage.PostAsync("/agents/bob", GetTask);

        Assert.Equal("https://e.example/2", Assert.Single(both.Headers.GetValues("A2A-Extensions")));
        Assert.Equal("https://e.example/1", Assert.Single(old.Headers.GetValues("X-A2A-Extensions")));
        Assert.False(none.Headers.Contains("A2A-Extensions"));
        Assert.Equal(["https://e.example/1"], _stage.Operations.Last.Call.Extensions.Count == 0 ? ["https://e.example/1"] : _stage.Operations.Last.Call.Extensions);
    }

    [Fact]
    public async Task Methods_of_HTTP_that_the_address_does_not_take_are_refused()
    {
        var answer = await _stage.GetAsync("/agents/bob");

        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.Status);
    }

    [Theory]
    [InlineData("/api/a2a")]
    [InlineData("/agents/a2a/a2a")]
    [InlineData("/Bob/a2a")]
    [InlineData("/a.b.c/a2a")]
    public async Task The_hubs_own_words_and_what_can_be_no_name_are_no_agents(string path)
    {
        var answer = await _stage.PostAsync(path, GetTask);

        Assert.Equal(HttpStatusCode.NotFound, answer.Status);
        Assert.Equal("not_found", answer.Json.GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_foreign_host_name_is_answered_in_the_dialect()
    {
        var answer = await _stage.PostAsync("/agents/bob", GetTask, "application/json", ("Host", "evil.example"));

        Assert.Equal(HttpStatusCode.NotFound, answer.Status);
        Assert.Equal(JsonValueKind.Null, answer.Json.GetProperty("id").ValueKind);
    }

    [Fact]
    public async Task Methods_have_their_singular_spelling_too()
    {
        var answer = await _stage.PostAsync("/agents/bob", """{"jsonrpc":"2.0","id":1,"method":"ListTaskPushNotificationConfig","params":{"task_id":"t-1"}}""");

        Assert.Equal("""{"jsonrpc":"2.0","id":1,"result":{"configs":[]}}""", answer.Text);
        Assert.Equal("t-1", ((ListTaskPushNotificationConfigsRequest)_stage.Operations.Last.Request).TaskId);
    }

    [Fact]
    public async Task A_deletion_is_answered_with_null()
    {
        var answer = await _stage.PostAsync("/agents/bob", """{"jsonrpc":"2.0","id":1,"method":"DeleteTaskPushNotificationConfig","params":{"taskId":"t-1","id":"p-1"}}""");

        Assert.Equal("""{"jsonrpc":"2.0","id":1,"result":null}""", answer.Text);
    }

    [Fact]
    public async Task A_stream_is_server_sent_events_with_the_numbers_as_ids()
    {
        _stage.Operations.Events = (_, _, _) => A2aSamples.EventsAsync(7);

        var answer = await _stage.PostAsync("/agents/bob", """{"jsonrpc":"2.0","id":"s","method":"SubscribeToTask","params":{"id":"t-1"}}""");

        Assert.Equal("text/event-stream", answer.Type);
        Assert.True(answer.Headers.CacheControl!.NoStore);
        Assert.Contains("id: 9\ndata: {\"jsonrpc\":\"2.0\",\"id\":\"s\",\"result\":{\"statusUpdate\":{\"taskId\":\"t-1\",\"contextId\":\"c-1\",\"status\":{\"state\":\"TASK_STATE_COMPLETED\"", answer.Text, StringComparison.Ordinal);
        Assert.EndsWith("}\n\n", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("x")]
    [InlineData("99999999999999999999")]
    public async Task A_resumption_from_nowhere_is_refused(string id)
    {
        var answer = await _stage.PostAsync("/agents/bob", """{"jsonrpc":"2.0","id":1,"method":"tasks/resubscribe","params":{"id":"t-1"}}""", "application/json", ("Last-Event-ID", id));

        Assert.Equal(-32602, answer.ErrorCode);
        Assert.Equal("application/json", answer.Type);
    }

    [Fact]
    public async Task A_field_that_is_wrong_is_named_in_the_details()
    {
        _stage.Operations.Refusal = new ParleyException(ErrorCode.InvalidArgument, "A message has parts.") { Field = "message.parts" };

        var answer = await _stage.PostAsync("/agents/bob", """{"jsonrpc":"2.0","id":1,"method":"SendMessage","params":{}}""");

        var details = answer.Json.GetProperty("error").GetProperty("data");
        Assert.Equal("message.parts", details[1].GetProperty("fieldViolations")[0].GetProperty("field").GetString());
    }

    [Fact]
    public async Task A_send_of_1_0_waits_and_one_of_0_3_does_not_unless_they_say_otherwise()
    {
        await _stage.PostAsync("/agents/bob", """{"jsonrpc":"2.0","id":1,"method":"SendMessage","params":{"message":{"messageId":"m","role":"ROLE_USER","parts":[{"text":"x"}]}}}""");
        var newer = (SendMessageRequest)_stage.Operations.Last.Request;
        await _stage.PostAsync("/agents/bob", """{"jsonrpc":"2.0","id":1,"method":"message/send","params":{"message":{"messageId":"m","role":"user","parts":[{"kind":"text","text":"x"}]}}}""");
        var older = (SendMessageRequest)_stage.Operations.Last.Request;

        Assert.False(newer.Configuration?.ReturnImmediately == true);
        Assert.True(older.Configuration.ReturnImmediately);
    }

    [Fact]
    public async Task Metadata_reaches_the_operation_as_it_was_sent()
    {
        await _stage.PostAsync("/agents/bob", """{"jsonrpc":"2.0","id":1,"method":"SendMessage","params":{"metadata":{"channel":"support"}}}""");

        Assert.Equal(Value.ForString("support"), ((SendMessageRequest)_stage.Operations.Last.Request).Metadata.Fields["channel"]);
    }
}
