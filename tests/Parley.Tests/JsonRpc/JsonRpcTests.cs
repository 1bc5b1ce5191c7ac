using System.Buffers;
using System.Text;
using Google.Protobuf.WellKnownTypes;
using Parley.Gateway.JsonRpc;
using Parley.Gateway.ProtoJson;
using Parley.Gateway.Seed;
using Parley.Gateway.Sse;
using Parley.Gateway.Wire.V1;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.Tests.JsonRpc;

public sealed class JsonRpcTests
{
    private const int Seed = 71_000;

    [Theory]
    [InlineData("\"a\\u0022b\"")]
    [InlineData("7")]
    [InlineData("-1")]
    [InlineData("null")]
    public void An_id_comes_back_as_it_was(string id)
    {
        var request = Parse($$"""{"params":{"id":"t"},"id":{{id}},"method":"GetTask","jsonrpc":"2.0"}""");

        Assert.Null(request.Refusal);
        Assert.Equal((id, "GetTask", """{"id":"t"}"""), (request.Id, request.Method, Text(request.Params)));
        Assert.StartsWith($$"""{"jsonrpc":"2.0","id":{{id}},"result":{""", Text(JsonRpcAnswer.Result(request.Id, JsonDialect.V1, new GetTaskRequest())), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"GetTask"} x""")]
    public void What_is_no_JSON_is_a_parse_error_without_an_id(string json)
    {
        var request = Parse(json);

        Assert.Equal((ErrorCode.JsonInvalid, "null"), (request.Refusal?.Code, request.Id));
    }

    [Theory]
    [InlineData("[]", "null")]
    [InlineData("""[{"jsonrpc":"2.0","id":1,"method":"GetTask"}]""", "null")]
    [InlineData("""{"id":1,"method":"GetTask"}""", "1")]
    [InlineData("""{"jsonrpc":"1.0","id":1,"method":"GetTask"}""", "1")]
    [InlineData("""{"jsonrpc":"2.0","id":1}""", "1")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":{}}""", "1")]
    [InlineData("""{"jsonrpc":"2.0","id":{},"method":"GetTask"}""", "null")]
    [InlineData("""{"jsonrpc":"2.0","id":1.5,"method":"GetTask"}""", "null")]
    public void What_is_no_call_is_an_invalid_request(string json, string id)
    {
        var request = Parse(json);

        Assert.Equal((ErrorCode.ProtocolViolation, id), (request.Refusal?.Code, request.Id));
    }

    [Fact]
    public void Params_must_be_an_object_and_may_be_missing()
    {
        Assert.Equal(ErrorCode.InvalidArgument, Parse("""{"jsonrpc":"2.0","id":1,"method":"GetTask","params":[1]}""").Refusal?.Code);
        Assert.Equal("{}", Text(Parse("""{"jsonrpc":"2.0","id":1,"method":"GetTask"}""").Params));
        Assert.Equal("{}", Text(Parse("""{"jsonrpc":"2.0","id":1,"method":"GetTask","params":null}""").Params));
    }

    [Fact]
    public void Any_text_is_a_call_or_has_a_refusal() =>
        Fuzz.Run(Seed, Fuzz.Count, random => Fuzz.Mutate(random, """{"jsonrpc":"2.0","id":"a\u00e9","method":"GetTask","params":{"a":[1,"\ud83d\ude00"]},"x":null}"""u8), json =>
        {
            var request = JsonRpcRequest.Parse(json, JsonLimits.Default);

            Assert.True(request.Refusal is null ? request.Method.Length > 0 && request.Params.Length >= 2 : request.Method.Length == 0);
            System.Text.Json.Nodes.JsonNode.Parse(JsonRpcAnswer.Error(request.Id, request.Refusal ?? new ParleyException(ErrorCode.Internal, "x")).Span);
        });

    [Fact]
    public void Any_reply_is_read_or_refused() =>
        Fuzz.Run(Seed, Fuzz.Count, random => Fuzz.Mutate(random, """{"jsonrpc":"2.0","id":1,"error":{"code":-32001,"message":"no such \ud83d\ude00"},"result":{}}"""u8), json =>
        {
            try
            {
                Assert.NotNull(JsonRpcReply.Parse(json, JsonLimits.Default));
            }
            catch (ParleyException exception)
            {
                Assert.Equal(ErrorCode.AgentAnswerInvalid, exception.Code);
            }
        });

    [Fact]
    public void An_error_of_another_server_is_a_refusal_of_ours()
    {
        var reply = JsonRpcReply.Parse(JsonRpcAnswer.Error("1", new ParleyException(ErrorCode.TaskNotCancelable, "It has ended.")), JsonLimits.Default);

        Assert.Equal((ErrorCode.TaskNotCancelable, "It has ended."), (reply.Error?.Code, reply.Error?.Message));
    }

    [Fact]
    public void The_seeds_own_request_is_read()
    {
        var request = SeedRequest.Parse("""{"content":"What's the status of order #12345?","context":{"user_id":"user-123"}}"""u8, JsonLimits.Default);

        Assert.Equal(("What's the status of order #12345?", "user-123"), (request.Content, request.Context?.Fields["user_id"].StringValue));
        Assert.DoesNotContain("12345", request.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"content":"x"}""", "")]
    [InlineData("""{"content":"x","agent":null}""", "")]
    [InlineData("""{"content":"x","agent":"bob"}""", "bob")]
    [InlineData("""{"content":"x","agent_id":"acme.bob"}""", "acme.bob")]
    [InlineData("""{"content":"x","agent_id":"bob","agent":"bob"}""", "bob")]
    public void The_seeds_request_may_name_its_agent(string json, string agent) =>
        Assert.Equal(agent, SeedRequest.Parse(Encoding.UTF8.GetBytes(json), JsonLimits.Default).Agent);

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"content":5}""")]
    [InlineData("""{"content":"x","context":"y"}""")]
    [InlineData("""{"content":"x","agent":["bob"]}""")]
    [InlineData("""{"content":"x","agent_id":"bob","agent":"eve"}""")]
    public void Other_requests_of_the_seeds_dialect_are_refused(string json) =>
        Assert.Equal(ErrorCode.InvalidArgument, Assert.Throws<ParleyException>(() => SeedRequest.Parse(Encoding.UTF8.GetBytes(json), JsonLimits.Default)).Code);

    [Fact]
    public void The_seeds_answers_are_its_own()
    {
        var metadata = new Struct { Fields = { ["model"] = Value.ForString("llama-4-scout"), ["tokens_used"] = Value.ForNumber(150) } };

        Assert.Equal(
            """{"jsonrpc":"2.0","id":"req-001","result":{"content":"Order #12345 shipped on Jan 25th...","metadata":{"model":"llama-4-scout","tokens_used":150}}}""",
            Text(SeedAnswer.Whole("\"req-001\"", "Order #12345 shipped on Jan 25th...", metadata)));
        Assert.Equal("""{"jsonrpc":"2.0","id":"req-002","result":{"delta":{"content":"Quantum"}}}""", Text(SeedAnswer.Delta("\"req-002\"", "Quantum")));
    }

    [Fact]
    public void Events_carry_their_number_and_one_line_of_data()
    {
        var output = new ArrayBufferWriter<byte>();

        SseWriter.Write(output, "{}"u8, 12);
        SseWriter.Write(output, "[]"u8);
        output.Write(SseWriter.Heartbeat);

        Assert.Equal("id: 12\ndata: {}\n\ndata: []\n\n: keep-alive\n\n", Text(output.WrittenMemory));
    }

    private static JsonRpcRequest Parse(string json) => JsonRpcRequest.Parse(Encoding.UTF8.GetBytes(json), JsonLimits.Default);

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);
}
