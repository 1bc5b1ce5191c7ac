using System.Text;
using Parley.Client.Responders;
using Parley.Client.Responders.Events;
using Parley.Protocol.Errors;

namespace Parley.Tests.Responders;

public sealed class EventLineTests
{
    [Fact]
    public void Every_type_of_line_is_read()
    {
        Assert.Equal(new ResponderEvent.Status(ResponderState.Working, "x"), Read("""{"type":"status","state":"working","text":"x"}"""));
        Assert.Equal(new ResponderEvent.Status(ResponderState.AuthRequired, "x"), Read("""{"type":"status","state":"auth-required","text":"x"}"""));
        Assert.Equal(new ResponderEvent.Status(ResponderState.InputRequired, "which?"), Read("""{"type":"input_required","text":"which?"}"""));
        Assert.Equal(new ResponderEvent.Text("a", true), Read("""{"type":"message","delta":"a"}"""));
        Assert.Equal(new ResponderEvent.Text("a", false), Read("""{"text":"a","type":"message","new":[1]}"""));
        Assert.Equal(new ResponderEvent.Usage("m", 3, 1, 2), Read("""{"type":"usage","model":"m","tokens":3,"input_tokens":1,"output_tokens":2}"""));
        Assert.Equal(new ResponderEvent.Failed(ErrorCode.ResponderFailed, "no"), Read("""{"type":"error","message":"no"}"""));
        Assert.Equal(new ResponderEvent.Completed(), Read("""{"type":"done"}"""));
        Assert.IsType<ResponderEvent.ToolsCalled>(Read("""{"type":"tool_calls","calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]}"""));
        var artifact = Assert.IsType<ResponderEvent.ArtifactProduced>(Read("""{"type":"artifact","name":"f","media_type":"a/b","base64":"AAE=","append":true,"last":false}"""));
        Assert.Equal(("f", "a/b", true, false), (artifact.Name, artifact.MediaType, artifact.Append, artifact.Last));
        Assert.Equal([0, 1], artifact.Bytes.Bytes.ToArray());
    }

    [Fact]
    public void An_unknown_type_is_skipped_whatever_it_carries()
    {
        Assert.Null(Read("""{"type":"tool_call","text":{"a":1},"delta":5}"""));
    }

    [Theory]
    [InlineData("hello")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"type":5}""")]
    [InlineData("""{"type":"message"}""")]
    [InlineData("""{"type":"message","text":5}""")]
    [InlineData("""{"type":"artifact","name":"x"}""")]
    [InlineData("""{"type":"artifact","base64":"?"}""")]
    [InlineData("""{"type":"usage","tokens":1.5}""")]
    [InlineData("""{"type":"tool_calls"}""")]
    [InlineData("""{"type":"tool_calls","calls":[]}""")]
    [InlineData("""{"type":"tool_calls","calls":[{"id":"a","function":{"name":"f","arguments":{}}}]}""")]
    [InlineData("""{"type":"done"} x""")]
    public void Garbage_is_refused_with_the_line_s_number(string line)
    {
        var refusal = Assert.Throws<ParleyException>(() => Read(line));

        Assert.Equal(ErrorCode.ResponderFailed, refusal.Code);
        Assert.StartsWith("Line 7 ", refusal.Message);
    }

    [Fact]
    public void Mutated_lines_give_an_event_or_a_refusal_and_nothing_else()
    {
        const int Seed = 815;
        string[] seeds =
        [
            """{"type":"artifact","name":"f","base64":"AAE=","append":true}""", """{"type":"message","delta":"\u00e9\ud83d"}""",
            """{"type":"usage","model":"m","tokens":3}""", """{"type":"status","state":"auth-required","text":"x","metadata":{"a":[1,null]}}""",
            """{"type":"artifact","id":"i","parts":[{"text":"a"},{"data":{"x":[1.5,"\u00e9"]}},{"url":"http://x"},{"base64":"AAE="}],"append":true}""",
            """{"type":"message","parts":[{"data":null},{"text":"\ud83d"}],"metadata":{}}""", """{"type":"done","metadata":{"k":{"l":2}}}""",
            """{"type":"status","state":"failed","code":"quota","parts":[{"data":[]}]}""",
            """{"type":"tool_calls","calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]}""",
        ];
        var random = new Random(Seed);
        for (var round = 0; round < 10_000; round++)
        {
            var line = Encoding.UTF8.GetBytes(seeds[random.Next(seeds.Length)]);
            for (var change = random.Next(1, 5); change > 0; change--)
            {
                line[random.Next(line.Length)] = (byte)random.Next(256);
            }

            try
            {
                EventLine.Read(line.AsMemory(0, random.Next(line.Length + 1)), round);
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

    [Fact]
    public void Lines_are_found_however_the_bytes_are_cut()
    {
        const int Seed = 99;
        var random = new Random(Seed);
        for (var round = 0; round < 1_000; round++)
        {
            var lines = Enumerable.Range(0, random.Next(1, 6)).Select(number => new string('x', random.Next(1, 20)) + number).ToList();
            var stream = Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + (random.Next(2) == 0 ? "\n" : "\r\n\n")))).AsMemory();
            var splitter = new LineSplitter(100);
            var found = new List<byte[]>();
            while (!stream.IsEmpty)
            {
                var count = random.Next(1, stream.Length + 1);
                found.AddRange(splitter.Add(stream.Span[..count]));
                stream = stream[count..];
            }

            found.AddRange(splitter.End());
            Assert.True(lines.SequenceEqual(found.Select(line => Encoding.UTF8.GetString(line))), $"seed {Seed}, round {round}");
        }
    }

    [Fact]
    public void A_line_without_end_is_refused()
    {
        var splitter = new LineSplitter(100);
        splitter.Add(new byte[60]);

        Assert.Throws<ParleyException>(() => splitter.Add(new byte[60]));
    }

    private static ResponderEvent? Read(string line) => EventLine.Read(Encoding.UTF8.GetBytes(line), 7);
}
