using System.Text;
using System.Text.Json;
using Parley.Gateway.Mcp;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.Tests.Mcp;

public sealed class McpFrameTests
{
    [Fact]
    public void Requests_notifications_and_answers_are_told_apart()
    {
        var frames = Read("""[{"jsonrpc":"2.0","id":"x","method":"ping"},{"jsonrpc":"2.0","method":"n","params":{"a":1}},{"jsonrpc":"2.0","id":3,"result":{}},{"jsonrpc":"2.0","id":4,"error":{"code":-1,"message":"no"}},5,{}]""");

        Assert.Equal(
            [(McpFrameKind.Request, "\"x\"", "ping", null), (McpFrameKind.Notification, "", "n", null), (McpFrameKind.Answer, "3", "", null), (McpFrameKind.Answer, "4", "", "no")],
            frames.Select(frame => (frame.Kind, frame.Id, frame.Method, frame.Error)));
    }

    [Fact]
    public void What_a_client_sends_is_one_line_of_JSON_RPC()
    {
        var call = McpMessages.CallTool(7, "add", Json("{\"a\":\"é\\n\"}"));

        Assert.Equal("""{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"add","arguments":{"a":"é\n"}}}""", Encoding.UTF8.GetString(call.Span));
    }

    [Fact]
    public void A_page_of_tools_is_read_and_what_is_none_is_skipped()
    {
        var (tools, cursor) = McpTool.ReadPage(Json("""{"tools":[{"name":"a","inputSchema":{"type":"object"}},{"name":5},{"description":"x"},7,{"name":"b","title":"B"}],"nextCursor":"2"}"""));

        Assert.Equal(["a:", "b:B"], tools.Select(tool => $"{tool.Name}:{tool.Description}"));
        Assert.Equal("2", cursor);
        Assert.Equal("""{"type":"object"}""", tools[1].Schema.GetRawText());
    }

    [Fact]
    public void A_result_is_text_and_the_names_of_what_is_not()
    {
        var result = McpToolResult.Read(Json("""
            {"content":[{"type":"text","text":"one"},{"type":"image","mimeType":"image/png","data":"AA=="},{"type":"resource","resource":{"uri":"f:x","text":"two"}},
            {"type":"resource_link","uri":"f:y"},{"type":"new"},4],"isError":true}
            """));

        Assert.Equal(("one\n[image image/png, not shown]\ntwo\n[address f:y]\n[new, not shown]\n[something, not shown]", true), (result.Text, result.IsError));
    }

    [Fact]
    public void Structured_content_stands_in_for_text_that_is_missing()
    {
        Assert.Equal("""{"n":1}""", McpToolResult.Read(Json("""{"content":[],"structuredContent":{"n":1}}""")).Text);
    }

    [Fact]
    public void Mutated_messages_are_read_or_refused_and_nothing_else()
    {
        string[] seeds =
        [
            """{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"a","description":"d","inputSchema":{"type":"object"}}],"nextCursor":"x"}}""",
            """{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"\ud83d\ude00"},{"type":"resource","resource":{"uri":"u"}}],"isError":false}}""",
            """[{"jsonrpc":"2.0","method":"notifications/tools/list_changed"},{"jsonrpc":"2.0","id":"q","method":"ping"}]""",
            """{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"no"}}""",
        ];
        Fuzz.Run(77_001, Fuzz.Count, random => Mutated(random, seeds[random.Next(seeds.Length)]), bytes =>
        {
            foreach (var read in (Action<McpFrame>[])[frame => McpTool.ReadPage(frame.Body), frame => McpToolResult.Read(frame.Body)])
            {
                try
                {
                    McpFrame.Read(bytes).ToList().ForEach(read);
                }
                catch (ParleyException)
                {
                    // A refusal is an answer.
                }
            }
        });
    }

    private static byte[] Mutated(Random random, string seed)
    {
        var bytes = Encoding.UTF8.GetBytes(seed);
        for (var change = random.Next(1, 5); change > 0; change--)
        {
            bytes[random.Next(bytes.Length)] = random.Next(2) == 0 ? (byte)random.Next(256) : (byte)"{}[]\",:0\\"[random.Next(9)];
        }

        return bytes[..random.Next(bytes.Length + 1)];
    }

    private static IReadOnlyList<McpFrame> Read(string json) => McpFrame.Read(Encoding.UTF8.GetBytes(json));

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
