using System.Text;
using Parley.Gateway.OpenAi;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.Tests.OpenAi;

public sealed class ModelRequestTests
{
    private const string Chat = """
        {"model":"agent","stream":true,"stream_options":{"include_usage":true},"user":"u","temperature":0.5,"stop":["a"],"tool_choice":"auto","metadata":{"k":"v"},"messages":[
          {"role":"developer","content":"rules"},
          {"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"},{"type":"input_audio","input_audio":{"data":"AQID","format":"wav"}}]},
          {"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]},
          {"role":"tool","tool_call_id":"c1","content":"42"}],
         "tools":[{"type":"function","function":{"name":"f"}}]}
        """;

    private const string Response = """
        {"model":"agent","instructions":"rules","previous_response_id":"resp_1","store":false,"input":[
          {"type":"message","role":"user","content":[{"type":"input_text","text":"a"},{"type":"input_image","image_url":"data:image/jpeg;base64,AQID"},{"type":"input_file","file_url":"https://x.example/f"}]},
          {"type":"function_call","call_id":"c1","name":"f","arguments":"{}"},
          {"type":"reasoning","summary":[]},
          {"type":"function_call_output","call_id":"c1","output":"42"}],
         "tools":[{"type":"function","name":"f","parameters":{"type":"object"}}]}
        """;

    [Fact]
    public void A_chat_is_read_with_all_its_turns()
    {
        var request = ChatRequestReader.Parse(Encoding.UTF8.GetBytes(Chat));

        Assert.Equal([(ModelRole.System, "rules"), (ModelRole.User, "a\nb"), (ModelRole.Agent, ""), (ModelRole.Tool, "42")], request.Turns.Select(turn => (turn.Role, turn.Text)));
        Assert.Equal("audio-1.wav", Assert.Single(request.Turns[1].Files).Name);
        Assert.StartsWith("[{\"id\":\"c1\"", Encoding.UTF8.GetString(request.Turns[2].ToolCalls.Span), StringComparison.Ordinal);
        Assert.Equal("c1", request.Turns[3].ToolCall);
        Assert.True(request is { IsStreamed: true, IncludesUsage: true, User: "u" });
        Assert.Equal("""[{"type":"function","function":{"name":"f"}}]""", Encoding.UTF8.GetString(request.Tools.Span));
        Assert.Equal([("k", "v"), ("stop", "[\"a\"]"), ("temperature", "0.5"), ("tool_choice", "auto")], request.Settings.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => (pair.Key, pair.Value)));
    }

    [Fact]
    public void A_response_is_read_as_the_chat_that_it_is()
    {
        var request = ResponseRequestReader.Parse(Encoding.UTF8.GetBytes(Response));

        Assert.Equal(
            [(ModelRole.System, "rules"), (ModelRole.User, "a\nAttached file: https://x.example/f"), (ModelRole.Agent, ""), (ModelRole.Tool, "42")],
            request.Turns.Select(turn => (turn.Role, turn.Text)));
        Assert.Equal(("image-1.jpeg", "image/jpeg"), (request.Turns[1].Files[0].Name, request.Turns[1].Files[0].MediaType));
        Assert.Equal("""[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]""", Encoding.UTF8.GetString(request.Turns[2].ToolCalls.Span));
        Assert.Equal("""[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}]""", Encoding.UTF8.GetString(request.Tools.Span));
        Assert.Equal(("resp_1", false), (request.PreviousResponse, request.Store));
    }

    [Fact]
    public void Addresses_are_kept_beside_the_text()
    {
        var request = ResponseRequestReader.Parse(Encoding.UTF8.GetBytes("""
            {"model":"m","input":[{"role":"user","content":[{"type":"input_image","image_url":"https://x.example/a.png"},{"type":"input_file","file_url":"https://x.example/f"}]}]}
            """));

        Assert.Equal([new ModelLink("https://x.example/a.png", "image/*"), new ModelLink("https://x.example/f", "")], request.Turns[0].Links);
        Assert.Equal("Attached image: https://x.example/a.png\nAttached file: https://x.example/f", request.Turns[0].Text);
    }

    [Fact]
    public void Calls_that_follow_one_another_are_one_turn()
    {
        var request = ResponseRequestReader.Parse(Encoding.UTF8.GetBytes("""
            {"model":"m","input":[
              {"role":"user","content":"q"},
              {"role":"assistant","content":"I ask."},
              {"type":"function_call","call_id":"a","name":"f","arguments":"{}"},
              {"type":"function_call","call_id":"b","name":"g","arguments":"{}"},
              {"type":"function_call_output","call_id":"a","output":"1"},
              {"type":"function_call","call_id":"c","name":"h","arguments":"{}"},
              {"type":"function_call_output","call_id":"c","output":"2"}]}
            """));

        Assert.Equal([ModelRole.User, ModelRole.Agent, ModelRole.Tool, ModelRole.Agent, ModelRole.Tool], request.Turns.Select(turn => turn.Role));
        Assert.Equal("I ask.", request.Turns[1].Text);
        Assert.Equal(["a", "b"], ToolCallReader.Read(request.Turns[1].ToolCalls).Select(call => call.Id));
        Assert.Equal(["c"], ToolCallReader.Read(request.Turns[3].ToolCalls).Select(call => call.Id));
    }

    [Fact]
    public void A_hundred_thousand_calls_are_read_in_time()
    {
        var calls = string.Join(',', Enumerable.Repeat("""{"type":"function_call","call_id":"a","name":"f","arguments":"{}"}""", 100_000));

        var request = ResponseRequestReader.Parse(Encoding.UTF8.GetBytes($$"""{"model":"m","input":[{{calls}}]}"""));

        Assert.Equal(100_000, ToolCallReader.Read(Assert.Single(request.Turns).ToolCalls).Count);
    }

    [Theory]
    [InlineData("""[{}]""", "messages[0].tool_calls[0].id")]
    [InlineData("""["x"]""", "messages[0].tool_calls[0]")]
    [InlineData("""[{"id":"a"}]""", "messages[0].tool_calls[0].function")]
    [InlineData("""[{"id":"a","function":{"name":"f","arguments":{}}}]""", "messages[0].tool_calls[0].function.arguments")]
    public void Calls_that_no_agent_could_read_are_refused_by_their_path(string calls, string path)
    {
        var body = Encoding.UTF8.GetBytes($$"""{"model":"m","messages":[{"role":"assistant","tool_calls":{{calls}}},{"role":"user","content":"x"}]}""");

        Assert.Equal(path, Assert.Throws<ParleyException>(() => ChatRequestReader.Parse(body)).Field);
    }

    [Theory]
    [InlineData("data:;base64,AQID", "010203")]
    [InlineData("data:text/plain,a%20b", "612062")]
    [InlineData("DATA:text/plain;charset=utf-8;BASE64,AQID", "010203")]
    public void Data_urls_become_files(string url, string hex)
    {
        var request = ChatRequestReader.Parse(Encoding.UTF8.GetBytes($$$"""{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"{{{url}}}"}}]}]}"""));

        Assert.Equal(hex, Convert.ToHexStringLower(request.Turns[0].Files[0].Content.Span));
    }

    [Theory]
    [InlineData("data:image/png;base64,!!")]
    [InlineData("data:image/png;base64")]
    [InlineData("ftp://x.example/a")]
    [InlineData("a.png")]
    public void What_is_neither_data_nor_an_address_is_refused(string url)
    {
        var refusal = Assert.Throws<ParleyException>(() =>
            ChatRequestReader.Parse(Encoding.UTF8.GetBytes($$$"""{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"{{{url}}}"}}]}]}""")));

        Assert.Equal("messages[0].content[0].image_url.url", refusal.Field);
    }

    [Fact]
    public void Half_a_surrogate_pair_and_bytes_that_are_no_text_are_no_json()
    {
        var half = Assert.Throws<ParleyException>(() => ChatRequestReader.Parse("""{"model":"\ud800","messages":[]}"""u8.ToArray()));
        var bytes = Assert.Throws<ParleyException>(() => ChatRequestReader.Parse(new byte[] { (byte)'{', (byte)'"', 0xff, (byte)'"', (byte)':', (byte)'1', (byte)'}' }));

        Assert.Equal((ErrorCode.JsonInvalid, ErrorCode.JsonInvalid), (half.Code, bytes.Code));
    }

    [Theory]
    [InlineData(Chat, false)]
    [InlineData(Response, true)]
    public void Whatever_is_posted_is_read_or_refused(string good, bool isResponse)
    {
        var bytes = Encoding.UTF8.GetBytes(good);

        Fuzz.Run(20_261_121, Fuzz.Count, random => Fuzz.Mutate(random, bytes), mutated =>
        {
            try
            {
                var request = isResponse ? ResponseRequestReader.Parse(mutated) : ChatRequestReader.Parse(mutated);
                Assert.NotEmpty(request.Turns);
            }
            catch (ParleyException refusal)
            {
                Assert.InRange(OpenAiErrors.StatusOf(refusal), 400, 499);
            }
        });
    }
}
