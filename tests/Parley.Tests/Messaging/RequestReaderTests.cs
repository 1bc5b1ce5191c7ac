using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Parley.Client.Messaging;
using Parley.Client.Responders;
using Parley.Client.Responders.Events;
using Parley.Client.Responders.OpenAi;
using Parley.Protocol.Errors;
using Parley.Protocol.Wire;
using A2aMessage = Parley.Gateway.Wire.V1.Message;
using A2aPart = Parley.Gateway.Wire.V1.Part;

namespace Parley.Tests.Messaging;

public sealed class RequestReaderTests
{
    private static readonly A2aMessage _a2a = new()
    {
        MessageId = "x",
        Metadata = new Struct { Fields = { ["trace"] = Value.ForNumber(7) } },
        Extensions = { "urn:e" },
        ReferenceTaskIds = { "t0" },
        Parts =
        {
            new A2aPart { Data = Value.ForStruct(new Struct { Fields = { ["q"] = Value.ForBool(true) } }) },
            new A2aPart { Raw = ByteString.CopyFromUtf8("one"), Filename = "1.txt" },
            new A2aPart { Text = "look", Metadata = new Struct { Fields = { ["lang"] = Value.ForString("en") } } },
            new A2aPart { Url = "https://x/y", Filename = "y", MediaType = "image/png" },
            new A2aPart { Raw = ByteString.CopyFromUtf8("two"), Filename = "2.txt" },
        },
    };

    [Fact]
    public void What_A2A_says_reaches_the_responder_in_order()
    {
        var request = Read(new Message { Content = ByteString.CopyFromUtf8("look"), A2A = _a2a.ToByteString(), Task = "t1" });

        Assert.Equal(
            """{"version":1,"id":"m1","from":"acme.a","thread":"th","type":"text","text":"look","parts":[{"data":{"q":true}},{"file":{"name":"1.txt","size":3,"base64":"b25l"}},{"text":"look","metadata":{"lang":"en"}},{"url":"https://x/y","name":"y","media_type":"image/png"},{"file":{"name":"2.txt","size":3,"base64":"dHdv"}}],"meta":{},"task":"t1","metadata":{"trace":7},"extensions":["urn:e"],"references":["t0"]}""",
            Encoding.UTF8.GetString(RequestJson.ForServer(request).Span));
    }

    [Fact]
    public void Files_that_the_message_has_beside_A2A_are_not_read_twice()
    {
        var stripped = _a2a.Clone();
        stripped.Parts[1].Raw = ByteString.Empty;
        stripped.Parts[4].Raw = ByteString.Empty;
        var message = new Message { A2A = stripped.ToByteString(), Files = { File("1.txt", "one"), File("2.txt", "two"), File("3.txt", "three") } };

        var files = RequestPart.Of(Read(message)).OfType<RequestPart.Attached>();

        Assert.Equal(["1.txt:one", "2.txt:two", "3.txt:three"], files.Select(part => $"{part.File.Name}:{Encoding.UTF8.GetString(part.File.Content.Bytes.Span)}"));
    }

    [Fact]
    public void A_model_reads_data_and_addresses_as_such()
    {
        var question = Prompt.Question(Read(new Message { Content = ByteString.CopyFromUtf8("look"), A2A = _a2a.ToByteString() }), 0).Text;

        Assert.Equal("Message from the agent acme.a (text):\n\nData:\n\n{\"q\":true}\n\nAttached file 1.txt, 3 bytes:\n\none\n\nlook\n\nAddress of a file, which nobody fetched: https://x/y\n\nAttached file 2.txt, 3 bytes:\n\ntwo", question);
    }

    [Fact]
    public void An_empty_history_is_one_and_none_is_none()
    {
        var carried = Read(new Message { HasHistory = true });
        var kept = Read(new Message());

        Assert.Empty(carried.History!);
        Assert.Null(kept.History);
    }

    [Fact]
    public void History_tools_and_task_are_carried()
    {
        var request = Read(new Message
        {
            HasHistory = true,
            History = { new Turn { Role = "system", Text = "s" }, new Turn { Role = "user", Text = "u" }, new Turn { Role = "agent", Text = "a" } },
            Tools = ByteString.CopyFromUtf8("[]"),
            Task = "t",
        });

        Assert.Equal([new ResponderTurn(TurnRole.System, "s"), new ResponderTurn(TurnRole.User, "u"), new ResponderTurn(TurnRole.Agent, "a")], request.History!);
        Assert.Equal(("t", 2), (request.TaskId, request.Tools?.Length));
    }

    [Fact]
    public void Calls_of_tools_and_their_results_reach_the_responder_with_their_ids()
    {
        var request = Read(new Message
        {
            Content = ByteString.CopyFromUtf8("42"),
            HasHistory = true,
            History =
            {
                new Turn { Role = "user", Text = "u" },
                new Turn { Role = "agent", ToolCalls = ByteString.CopyFromUtf8("""[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]""") },
                new Turn { Role = "tool", Text = "42", ToolCall = "c1" },
            },
            Tools = ByteString.CopyFromUtf8("""[{"type":"function","function":{"name":"f"}}]"""),
        });

        Assert.Equal(
            """{"version":1,"id":"m1","from":"acme.a","thread":"th","type":"text","text":"42","parts":[{"text":"42"}],"meta":{},"history":[{"role":"user","text":"u"},{"role":"agent","text":"","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]},{"role":"tool","text":"42","tool_call":"c1"}],"tools":[{"type":"function","function":{"name":"f"}}]}""",
            Encoding.UTF8.GetString(RequestJson.ForServer(request).Span));
    }

    [Fact]
    public void Results_on_a_thread_are_news_and_no_history()
    {
        var request = Read(new Message { Content = ByteString.CopyFromUtf8("42"), History = { new Turn { Role = "tool", Text = "42", ToolCall = "c1" } } });

        Assert.Null(request.History);
        Assert.Equal((TurnRole.Tool, "c1"), (request.News![0].Role, request.News[0].ToolCall));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[{}]")]
    [InlineData("[")]
    public void Calls_that_are_none_are_refused(string calls)
    {
        var message = new Message { HasHistory = true, History = { new Turn { Role = "agent", ToolCalls = ByteString.CopyFromUtf8(calls) } } };

        Assert.Equal(ErrorCode.InvalidArgument, Assert.Throws<ParleyException>(() => Read(message)).Code);
    }

    [Fact]
    public void Bytes_that_are_no_A2A_message_are_refused()
    {
        var refusal = Assert.Throws<ParleyException>(() => Read(new Message { A2A = ByteString.CopyFrom(0x0A, 0xFF) }));

        Assert.Equal((ErrorCode.InvalidArgument, "The A2A message inside the body cannot be read."), (refusal.Code, refusal.Message));
    }

    [Fact]
    public void Mutated_bodies_are_read_or_refused_and_nothing_else()
    {
        const int Seed = 4711;
        var random = new Random(Seed);
        var whole = new Message { Content = ByteString.CopyFromUtf8("look"), A2A = _a2a.ToByteString(), HasHistory = true, Task = "t" }.ToByteArray();
        for (var round = 0; round < 10_000; round++)
        {
            var body = whole.ToArray();
            for (var change = random.Next(1, 5); change > 0; change--)
            {
                body[random.Next(body.Length)] = (byte)random.Next(256);
            }

            try
            {
                var request = RequestReader.Read(Enveloped(ByteString.CopyFrom(body)));
                RequestJson.ForServer(request);
                Prompt.Question(request, 1 << 20);
            }
            catch (ParleyException)
            {
                // A refusal is an answer.
            }
            catch (Exception exception)
            {
                Assert.Fail($"seed {Seed}, round {round}: {exception}");
            }
        }
    }

    private static FilePart File(string name, string text) => new() { Name = name, Content = ByteString.CopyFromUtf8(text) };

    private static ResponderRequest Read(Message message) => RequestReader.Read(Enveloped(message.ToByteString()));

    private static Envelope Enveloped(ByteString body) => new() { Id = "m1", From = "acme.a", Thread = "th", Type = MessageType.Text, Body = body };
}
