using System.Buffers;
using System.Text;
using Google.Protobuf;
using Parley.Gateway.OpenAi;
using Parley.Hub.AgentApi.Conversations;
using Parley.Protocol.Errors;
using Parley.Protocol.Wire;
using Parley.Testing;

namespace Parley.Tests.OpenAi;

public sealed class ModelAnswerTests
{
    private const string Calls = """[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]""";

    [Theory]
    [InlineData(ReplyState.Completed, false, ModelFinish.Stop)]
    [InlineData(ReplyState.InputRequired, false, ModelFinish.Stop)]
    [InlineData(ReplyState.Completed, true, ModelFinish.Length)]
    [InlineData(ReplyState.Rejected, false, ModelFinish.Refused)]
    public void A_replys_state_is_the_reason_of_the_end(ReplyState state, bool isCut, ModelFinish finish)
    {
        var answer = AnswerRules.Read(new Reply { State = state, Truncated = isCut, Content = ByteString.CopyFromUtf8("x") });

        Assert.Equal(("x", finish), (answer.Text, answer.Finish));
    }

    [Fact]
    public void Usage_is_never_made_up()
    {
        var none = AnswerRules.Read(new Reply { State = ReplyState.Completed });
        var sum = AnswerRules.Read(new Reply { State = ReplyState.Completed, Meta = { { "tokens_used", "7" }, { "input_tokens", "no number" } } });

        Assert.Null(none.Usage);
        Assert.Equal(new ModelUsage(null, null, 7), sum.Usage);
    }

    [Fact]
    public void Calls_of_tools_that_cannot_be_read_are_the_agents_fault()
    {
        var refusal = Assert.Throws<ParleyException>(() => AnswerRules.Read(new Reply { State = ReplyState.Completed, ToolCalls = ByteString.CopyFromUtf8("[{}]") }));

        Assert.Equal(ErrorCode.AgentAnswerInvalid, refusal.Code);
    }

    [Fact]
    public void Whatever_an_agent_says_of_tools_is_read_or_refused() =>
        Fuzz.Run(20_261_122, Fuzz.Count, random => Fuzz.Mutate(random, Encoding.UTF8.GetBytes(Calls)), bytes =>
        {
            try
            {
                ToolCallReader.Read(bytes);
            }
            catch (ParleyException refusal)
            {
                Assert.Equal(ErrorCode.AgentAnswerInvalid, refusal.Code);
            }
        });

    [Fact]
    public void Answers_look_as_they_always_did()
    {
        var request = ResponseRequestReader.Parse("""{"model":"agent","input":"x","metadata":{"k":"v"}}"""u8.ToArray());
        var plain = new ModelAnswer("Hi \"you\" €", ModelFinish.Stop) { Usage = new ModelUsage(1, 2, 3), Fingerprint = "m-1" };
        var calls = new ModelAnswer(string.Empty, ModelFinish.ToolCalls) { ToolCalls = ToolCallReader.Read(Encoding.UTF8.GetBytes(Calls)), Files = [new ModelFile("a.txt", "text/plain", "a"u8.ToArray())] };
        var text = new StringBuilder();
        foreach (var answer in new[] { plain, calls })
        {
            var chat = new ChatWriter("chatcmpl-1", 1_700_000_000, "agent", includesUsage: true);
            Append(text, output => chat.WriteWhole(output, answer));
            Append(text, chat.WriteRole);
            Append(text, output => chat.WriteText(output, "Hi"));
            Append(text, output => chat.WriteEnd(output, answer));
            Append(text, output => output.Write(new ResponseWriter("1", 1_700_000_000, request).ToWhole(answer)));
            Append(text, output => new ResponseWriter("1", 1_700_000_000, request).WriteEnd(output, answer));
        }

        Append(text, output => ChatWriter.WriteFailure(output, new ParleyException(ErrorCode.AgentUnknown, "No.") { Field = "model" }));
        Append(text, output => new ResponseWriter("1", 1_700_000_000, request).WriteFailure(output, new ParleyException(ErrorCode.ResponderFailed, "No.")));

        Golden.Verify("openai-answers", text.ToString());
    }

    [Fact]
    public void No_wrong_request_has_a_status_that_clients_repeat()
    {
        var repeated = ErrorMap.Rows.Where(row => row.Fixer.StartsWith("the caller", StringComparison.Ordinal) && row.OpenAi == "invalid_request_error")
            .Where(row => OpenAiErrors.StatusOf(new ParleyException(row.Code, "x")) is 408 or >= 500);

        Assert.Empty(repeated);
    }

    private static void Append(StringBuilder text, Action<IBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(output);
        text.Append(Encoding.UTF8.GetString(output.WrittenSpan).TrimEnd()).Append("\n\n");
    }
}
