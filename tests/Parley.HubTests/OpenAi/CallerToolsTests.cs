using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Client.Responders.OpenAi;
using Parley.Client.Responders.Tools;
using Parley.Protocol.Link;
using Parley.Testing;

namespace Parley.HubTests.OpenAi;

/// <summary>A caller's own tools and pictures, from the door to a model behind the agent and back.</summary>
public sealed class CallerToolsTests : IAsyncLifetime
{
    private const string Chat = "/v1/chat/completions";
    private const string Responses = "/v1/responses";
    private const string Tools = """[{"type":"function","function":{"name":"weather","parameters":{"type":"object"}}}]""";
    private const string FlatTools = """[{"type":"function","name":"weather","parameters":{"type":"object"}}]""";
    private const string Call = """{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Bern\"}"}}]},"finish_reason":"tool_calls"}]}""";
    private const string Told = """{"choices":[{"index":0,"delta":{"content":"It rains."},"finish_reason":"stop"}]}""";

    private OpenAiSite _site = null!;
    private StandInServer _model = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string LastSystemFree => string.Join('|', Messages(_model.Requests[^1]).Skip(1).Select(Text));

    public async ValueTask InitializeAsync()
    {
        _site = await OpenAiSite.StartAsync();
        _site.Capabilities.Add(ListenerCapabilities.Tools);
        _model = await StandInServer.StartAsync((context, _) =>
        {
            var hasResult = ((string)context.Items["body"]!).Contains("\"tool_call_id\"", StringComparison.Ordinal);
            var hasTools = ((string)context.Items["body"]!).Contains("\"weather\"", StringComparison.Ordinal);
            return StandInServer.EventsAsync(context, hasTools && !hasResult ? Call : Told, "[DONE]");
        });
        var box = new ToolBox([], new ToolLimits(), TimeProvider.System, NullLogger<ToolBox>.Instance);
        var responder = new OpenAiResponder(new OpenAiResponderOptions(new Uri(_model.Url, "v1"), "m"), box, TimeProvider.System);
        await _site.Hub.ConnectListenerAsync(_site.Bob, responder, new ListenSetup(), Stop);
    }

    public async ValueTask DisposeAsync()
    {
        await _site.DisposeAsync();
        await _model.DisposeAsync();
    }

    [Fact]
    public async Task A_stateless_chat_calls_its_caller_s_tool_and_reads_its_result()
    {
        var first = await _site.AskAsync(Chat, $$"""{"model":"agent","messages":[{"role":"user","content":"weather?"}],"tools":{{Tools}}}""");
        var called = first.GetProperty("choices")[0];
        var calls = called.GetProperty("message").GetProperty("tool_calls").GetRawText();

        var second = await _site.AskAsync(Chat, $$"""
            {"model":"agent","tools":{{Tools}},"messages":[{"role":"user","content":"weather?"},{"role":"assistant","content":null,"tool_calls":{{calls}}},{"role":"tool","tool_call_id":"c1","content":"rain"}]}
            """);

        Assert.Equal("tool_calls", called.GetProperty("finish_reason").GetString());
        Assert.Equal("It rains.", second.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
        Assert.Equal("user:Message from the agent acme.api (text):\n\nweather?|assistant:+c1|tool c1:rain", LastSystemFree);
    }

    [Fact]
    public async Task A_stream_tells_the_calls_as_chunks()
    {
        using var response = await _site.PostAsync(Chat, $$"""{"model":"agent","stream":true,"messages":[{"role":"user","content":"weather?"}],"tools":{{Tools}}}""");
        var chunks = (await OpenAiSite.EventsOfAsync(response)).SkipLast(1).Select(text => JsonElement.Parse(text).GetProperty("choices")[0]).ToList();

        var call = chunks.Select(chunk => chunk.GetProperty("delta")).Single(delta => delta.TryGetProperty("tool_calls", out _)).GetProperty("tool_calls")[0];
        Assert.Equal((0, "c1"), (call.GetProperty("index").GetInt32(), call.GetProperty("id").GetString()));
        Assert.Equal("""{"city":"Bern"}""", call.GetProperty("function").GetProperty("arguments").GetString());
        Assert.Equal("tool_calls", chunks[^1].GetProperty("finish_reason").GetString());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_response_calls_and_the_one_that_follows_brings_the_result(bool isStreamed)
    {
        var first = await RespondAsync($$"""{"model":"agent","stream":{{(isStreamed ? "true" : "false")}},"input":"weather?","tools":{{FlatTools}}}""", isStreamed);
        var call = first.GetProperty("output").EnumerateArray().Single(item => item.GetProperty("type").GetString() == "function_call");

        var second = await RespondAsync($$"""
            {"model":"agent","stream":{{(isStreamed ? "true" : "false")}},"previous_response_id":"{{first.GetProperty("id").GetString()}}","instructions":"be brief","tools":{{FlatTools}},
             "input":[{"type":"function_call_output","call_id":"c1","output":"rain"}]}
            """, isStreamed);

        Assert.Equal(("c1", "weather", """{"city":"Bern"}"""), (call.GetProperty("call_id").GetString(), call.GetProperty("name").GetString(), call.GetProperty("arguments").GetString()));
        Assert.Contains("It rains.", second.GetProperty("output").GetRawText(), StringComparison.Ordinal);
        Assert.StartsWith("user:Message from the agent acme.api (text):\n\nweather?|assistant:+c1|tool c1:rain|user:How the other agent", LastSystemFree, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_result_of_a_call_that_nobody_remembers_is_read_as_text()
    {
        await _site.AskAsync(Chat, """{"model":"agent","user":"u","messages":[{"role":"tool","tool_call_id":"zz","content":"rain"}]}""");

        Assert.Equal("user:Result of a tool of the other agent, which nothing here called:\n\nrain", LastSystemFree);
    }

    [Theory]
    [InlineData("\"none\"", null)]
    [InlineData("\"required\"", "\"required\"")]
    [InlineData("\"auto\"", null)]
    [InlineData("""{"type":"function","function":{"name":"weather"}}""", """{"type":"function","function":{"name":"weather"}}""")]
    [InlineData("""{"type":"function","function":{"name":"rm"}}""", null)]
    public async Task The_caller_s_choice_of_tools_is_heeded(string choice, string? told)
    {
        await _site.AskAsync(Chat, $$"""{"model":"agent","messages":[{"role":"user","content":"weather?"}],"tools":{{Tools}},"tool_choice":{{choice}}}""");

        var asked = JsonElement.Parse(_model.Requests[^1]);
        Assert.Equal(choice != "\"none\"", asked.TryGetProperty("tools", out _));
        Assert.Equal(told, asked.TryGetProperty("tool_choice", out var heeded) ? heeded.GetRawText() : null);
    }

    [Fact]
    public async Task Pictures_reach_the_model_as_pictures_and_other_files_by_name()
    {
        await _site.AskAsync(Chat, """
            {"model":"agent","messages":[{"role":"user","content":[
              {"type":"text","text":"look"},
              {"type":"image_url","image_url":{"url":"data:image/png;base64,AQID"}},
              {"type":"image_url","image_url":{"url":"https://pictures.example/a.png"}},
              {"type":"image_url","image_url":{"url":"http://169.254.169.254/latest"}},
              {"type":"image_url","image_url":{"url":"http://printer/a.png"}},
              {"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,/////w=="}}]}]}
            """);

        var parts = Messages(_model.Requests[^1])[^1].GetProperty("content").EnumerateArray().ToList();
        var pictures = parts.Where(part => part.GetProperty("type").GetString() == "image_url").Select(part => part.GetProperty("image_url").GetProperty("url").GetString());
        Assert.Equal(["data:image/png;base64,AQID", "https://pictures.example/a.png"], pictures.Order());
        Assert.Contains("Attached file a.pdf, 4 bytes (not shown)", string.Concat(parts.Select(part => part.TryGetProperty("text", out var text) ? text.GetString() : "")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_caller_carries_on_a_thread_is_remembered_there()
    {
        await _site.AskAsync(Chat, """{"model":"agent","messages":[{"role":"user","content":"one"},{"role":"assistant","content":"two"},{"role":"user","content":"three"}]}""", thread: "t");
        await _site.AskAsync(Chat, """{"model":"agent","messages":[{"role":"user","content":"four"}]}""", thread: "t");

        Assert.Equal(["one", "two", "three", "It rains.", "four"], Messages(_model.Requests[^1]).Skip(1).Select(message => message.GetProperty("content").GetString()!.Split('\n')[^1]));
    }

    private async Task<JsonElement> RespondAsync(string json, bool isStreamed)
    {
        if (!isStreamed)
        {
            return await _site.AskAsync(Responses, json);
        }

        using var response = await _site.PostAsync(Responses, json);
        return JsonElement.Parse((await OpenAiSite.EventsOfAsync(response))[^1]).GetProperty("response");
    }

    private static List<JsonElement> Messages(string request) => [.. JsonElement.Parse(request).GetProperty("messages").EnumerateArray()];

    private static string Text(JsonElement message)
    {
        var head = message.TryGetProperty("tool_call_id", out var id) ? $"{message.GetProperty("role")} {id}" : message.GetProperty("role").GetString();
        var calls = message.TryGetProperty("tool_calls", out var list) ? "+" + string.Join(',', list.EnumerateArray().Select(call => call.GetProperty("id").GetString())) : string.Empty;
        return $"{head}:{message.GetProperty("content").GetString()}{calls}";
    }
}
