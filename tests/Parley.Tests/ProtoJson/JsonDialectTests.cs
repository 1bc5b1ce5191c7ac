using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Parley.Gateway.A2a.Translation;
using Parley.Gateway.ProtoJson;
using Parley.Gateway.Wire.V1;
using Parley.Protocol.Errors;
using Parley.Testing;
using Parley.Tests.A2a;
using V03 = Parley.Gateway.Wire.V03;
using V1 = Parley.Gateway.Wire.V1;

namespace Parley.Tests.ProtoJson;

public sealed class JsonDialectTests
{
    private const int Seed = 41_000;

    private static readonly JsonSerializerOptions _indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public void Every_message_of_1_0_is_written_as_the_golden_file_has_it() =>
        Golden.Verify("a2a-v1-json", Listing(Samples.All.Select(pair => (pair.Key, JsonDialect.V1.ToBytes(pair.Value)))));

    [Fact]
    public void Every_message_of_0_3_is_written_as_the_golden_file_has_it() =>
        Golden.Verify("a2a-v03-json", Listing(Old().Select(pair => (pair.Key, JsonDialect.Kind.ToBytes(pair.Value)))));

    [Fact]
    public void Every_message_of_0_3_is_written_as_ProtoJSON_too() =>
        Golden.Verify("a2a-v03-protojson", Listing(Old().Select(pair => (pair.Key, JsonDialect.V03.ToBytes(pair.Value)))));

    [Fact]
    public void What_is_written_is_read_back_as_it_was()
    {
        Assert.All(Samples.All.Values, message => Assert.Equal(message, Reread(JsonDialect.V1, message)));
        Assert.All(Old().Values, message => Assert.Equal(message, Reread(JsonDialect.Kind, message)));
        Assert.All(Old().Values, message => Assert.Equal(message, Reread(JsonDialect.V03, message)));
    }

    [Fact]
    public void Snake_case_numbers_of_enums_and_unknown_members_are_taken()
    {
        var read = Parse<Message>("""{"message_id":"m","role":2,"later":{"a":[1,{}]},"parts":[{"text":"x","media_type":"text/plain"}],"reference_task_ids":["t"]}""");

        Assert.Equal(
            new Message { MessageId = "m", Role = Role.Agent, Parts = { new Part { Text = "x", MediaType = "text/plain" } }, ReferenceTaskIds = { "t" } }, read);
    }

    [Fact]
    public void A_null_is_an_absent_member_but_a_value_in_free_JSON()
    {
        Assert.Equal(new Message(), Parse<Message>("""{"messageId":null,"parts":null,"metadata":null,"role":null}"""));
        Assert.Equal(Part.ContentOneofCase.Data, Parse<Part>("""{"data":null}""").ContentCase);
        Assert.Equal(Part.ContentOneofCase.Text, Parse<Part>("""{"data":null,"text":"x"}""").ContentCase);
        Assert.Equal(Part.ContentOneofCase.Text, Parse<Part>("""{"text":"x","data":null,"raw":null}""").ContentCase);
    }

    [Theory]
    [InlineData("+/8B")]
    [InlineData("-_8B")]
    public void Bytes_are_taken_in_both_alphabets(string text) =>
        Assert.Equal(new byte[] { 0xfb, 0xff, 0x01 }, Parse<Part>($$"""{"raw":"{{text}}"}""").Raw.ToByteArray());

    [Fact]
    public void Padding_of_bytes_may_be_missing() =>
        Assert.Equal("a"u8.ToArray(), Parse<Part>("""{"raw":"YQ"}""").Raw.ToByteArray());

    [Theory]
    [InlineData("2026-01-02T03:04:05Z", 1_767_323_045, 0)]
    [InlineData("2026-01-02T04:04:05.006+01:00", 1_767_323_045, 6_000_000)]
    [InlineData("2026-01-02T03:04:05.123456789Z", 1_767_323_045, 123_456_789)]
    [InlineData("1969-12-31T23:59:59.5Z", -1, 500_000_000)]
    public void Times_are_taken_with_any_offset_and_fraction(string text, long seconds, int nanos)
    {
        var time = Parse<V1.TaskStatus>($$"""{"timestamp":"{{text}}"}""").Timestamp;

        Assert.Equal((seconds, nanos), (time.Seconds, time.Nanos));
    }

    [Theory]
    [InlineData("""{"role":"ROLE_KING"}""")]
    [InlineData("""{"role":1.5}""")]
    [InlineData("""{"messageId":5}""")]
    [InlineData("""{"messageId":{}}""")]
    [InlineData("""{"parts":{}}""")]
    [InlineData("""{"parts":["text"]}""")]
    [InlineData("""{"parts":[null]}""")]
    [InlineData("""{"parts":[{"text":"a","url":"b"}]}""")]
    [InlineData("""{"parts":[{"raw":"a"}]}""")]
    [InlineData("""{"parts":[{"raw":"a b="}]}""")]
    [InlineData("""{"metadata":[]}""")]
    [InlineData("""{"metadata":{"a":1e999}}""")]
    [InlineData("[]")]
    [InlineData("\"x\"")]
    public void JSON_that_does_not_fit_is_an_invalid_argument(string json) =>
        Assert.Equal(ErrorCode.InvalidArgument, Refusal<Message>(json).Code);

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{}{}")]
    [InlineData("{'a':1}")]
    [InlineData("""{"messageId":"\ud800"}""")]
    [InlineData("""{"a":01}""")]
    [InlineData("// comment\n{}")]
    public void What_is_no_JSON_is_a_parse_error(string json)
    {
        var refusal = Refusal<Message>(json);

        Assert.Equal(ErrorCode.JsonInvalid, refusal.Code);
        Assert.Equal(-32700, refusal.Row.JsonRpc);
    }

    [Fact]
    public void Text_that_is_too_large_or_too_deep_is_refused()
    {
        var deep = "{\"metadata\":" + string.Concat(Enumerable.Repeat("{\"a\":", 40)) + "1" + new string('}', 41);

        Assert.Equal(ErrorCode.JsonInvalid, Refusal<Message>(deep).Code);
        Assert.Equal(
            ErrorCode.MessageTooLarge,
            Assert.Throws<ParleyException>(() => JsonDialect.V1.Parse<Message>("{\"messageId\":\"123456\"}"u8, new JsonLimits(10, 32))).Code);
    }

    [Fact]
    public void What_is_as_deep_as_the_limit_is_also_readable_as_protobuf()
    {
        var depth = JsonLimits.Default.MaxDepth - 1;
        var message = Parse<Message>("{\"metadata\":" + string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth + 1));

        Assert.Equal(message, Message.Parser.ParseFrom(message.ToByteArray()));
    }

    [Fact]
    public void A_query_sets_fields_by_their_names()
    {
        var request = new ListTasksRequest();

        JsonDialect.V1.ReadQuery(request,
        [
            new("contextId", "c"), new("page_size", "7"), new("status", "TASK_STATE_WORKING"), new("includeArtifacts", "true"),
            new("statusTimestampAfter", "2026-01-02T03:04:05 00:00"), new("unknown", "x"), new("historyLength", string.Empty),
        ]);

        Assert.Equal(("c", 7, TaskState.Working, true, 1_767_323_045L, false),
            (request.ContextId, request.PageSize, request.Status, request.IncludeArtifacts, request.StatusTimestampAfter.Seconds, request.HasHistoryLength));
    }

    [Theory]
    [InlineData("pageSize", "ten")]
    [InlineData("status", "working")]
    [InlineData("includeArtifacts", "yes")]
    [InlineData("statusTimestampAfter", "yesterday")]
    public void A_query_that_does_not_fit_is_refused(string name, string text) =>
        Assert.Equal(ErrorCode.InvalidArgument, Assert.Throws<ParleyException>(() => JsonDialect.V1.ReadQuery(new ListTasksRequest(), [new(name, text)])).Code);

    [Theory]
    [InlineData("""{"taskId":"t","pushNotificationConfig":{"url":"https://a.example","id":"p"}}""")]
    [InlineData("""{"task_id":"t","config":{"push_notification_config":{"url":"https://a.example","id":"p"}}}""")]
    [InlineData("""{"taskId":"t","id":"p","url":"https://a.example"}""")]
    public void A_push_config_is_taken_in_the_wrappers_of_earlier_drafts(string json) =>
        Assert.Equal(new TaskPushNotificationConfig { TaskId = "t", Id = "p", Url = "https://a.example" }, Parse<TaskPushNotificationConfig>(json));

    [Fact]
    public void Requests_of_0_3_name_a_task_by_id()
    {
        var request = JsonDialect.Kind.Parse<GetTaskPushNotificationConfigRequest>("""{"id":"t","pushNotificationConfigId":"p"}"""u8, JsonLimits.Default);

        Assert.Equal(new GetTaskPushNotificationConfigRequest { TaskId = "t", Id = "p" }, request);
    }

    [Fact]
    public void The_kind_may_stand_anywhere_in_an_event_of_0_3()
    {
        var read = JsonDialect.Kind.Parse<V03.StreamResponse>("""{"final":true,"taskId":"t","status":{"state":"input-required"},"kind":"status-update"}"""u8, JsonLimits.Default);

        Assert.Equal((V03.TaskState.InputRequired, true), (read.StatusUpdate.Status.State, read.StatusUpdate.Final));
    }

    [Fact]
    public void Any_text_is_read_or_refused_with_a_code()
    {
        var good = Samples.All.Values.Select(message => JsonDialect.V1.ToBytes(message).ToArray()).ToArray();

        Fuzz.Run(Seed, Fuzz.Count, random => Fuzz.Mutate(random, good[random.Next(good.Length)]), json =>
        {
            ReadOrRefuse(() => JsonDialect.V1.Parse<SendMessageRequest>(json, JsonLimits.Default));
            ReadOrRefuse(() => JsonDialect.V1.Parse<StreamResponse>(json, JsonLimits.Default));
        });
    }

    [Fact]
    public void Any_text_is_read_or_refused_in_0_3_too()
    {
        var good = Old().Values.Select(message => JsonDialect.Kind.ToBytes(message).ToArray()).ToArray();

        Fuzz.Run(Seed, Fuzz.Count, random => Fuzz.Mutate(random, good[random.Next(good.Length)]), json =>
        {
            ReadOrRefuse(() => JsonDialect.Kind.Parse<V03.SendMessageRequest>(json, JsonLimits.Default));
            ReadOrRefuse(() => JsonDialect.Kind.Parse<V03.StreamResponse>(json, JsonLimits.Default));
            ReadOrRefuse(() => JsonDialect.Kind.Parse<V03.AgentCard>(json, JsonLimits.Default));
        });
    }

    [Fact]
    public void Any_message_survives_the_way_to_JSON_and_back() =>
        Fuzz.Run(Seed, Fuzz.Count, RandomMessages.Task, task => Assert.Equal(task, Reread(JsonDialect.V1, task)));

    private static Dictionary<string, IMessage> Old()
    {
        var losses = new Losses();
        return new()
        {
            ["send"] = RequestTranslation.ToV03(Samples.Send, losses),
            ["send-answer"] = new V03.SendMessageResponse { Msg = TaskTranslation.ToV03(Samples.Message, losses) },
            ["task"] = TaskTranslation.ToV03(Samples.Task, losses),
            ["stream-task"] = TaskTranslation.ToV03(new StreamResponse { Task = Samples.Task }, losses),
            ["stream-status"] = TaskTranslation.ToV03(new StreamResponse { StatusUpdate = Samples.StatusUpdate }, losses),
            ["stream-artifact"] = TaskTranslation.ToV03(new StreamResponse { ArtifactUpdate = Samples.ArtifactUpdate }, losses),
            ["push-params"] = RequestTranslation.ToParams(Samples.PushConfig, losses),
            ["push-named"] = RequestTranslation.ToNamed(Samples.PushConfig, losses),
            ["card"] = CardTranslation.ToV03(Samples.Card, losses),
        };
    }

    private static string Listing(IEnumerable<(string Name, ReadOnlyMemory<byte> Json)> messages) =>
        string.Concat(messages.Select(pair => $"--- {pair.Name}\n{JsonNode.Parse(pair.Json.Span)!.ToJsonString(_indented)}\n"));

    private static IMessage Reread(JsonDialect dialect, IMessage message)
    {
        var parse = typeof(JsonDialect).GetMethod(nameof(JsonDialect.Parse))!.MakeGenericMethod(message.GetType()).CreateDelegate<Parser>(dialect);
        return parse(dialect.ToBytes(message).Span, JsonLimits.Default);
    }

    private delegate IMessage Parser(ReadOnlySpan<byte> json, JsonLimits limits);

    private static T Parse<T>(string json)
        where T : class, IMessage<T>, new() => JsonDialect.V1.Parse<T>(Encoding.UTF8.GetBytes(json), JsonLimits.Default);

    private static ParleyException Refusal<T>(string json)
        where T : class, IMessage<T>, new() => Assert.Throws<ParleyException>(() => Parse<T>(json));

    private static void ReadOrRefuse(Func<IMessage> read)
    {
        try
        {
            Assert.NotNull(read());
        }
        catch (ParleyException exception)
        {
            Assert.Contains(exception.Code, new[] { ErrorCode.JsonInvalid, ErrorCode.InvalidArgument });
            Assert.True(exception.Message.Length < 200, exception.Message);
        }
    }
}
