using System.Text.Json;
using Parley.Gateway.OpenAi;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.Tests.Responders;

public sealed class ToolCallAssemblyTests
{
    [Theory]
    [InlineData("""[{"index":0,"id":"a","function":{"name":"f","arguments":""}},{"index":0,"function":{"arguments":"{\"x\""}},{"index":0,"function":{"arguments":":1}"}}]""")]
    [InlineData("""[{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":1}"}}]""")]
    [InlineData("""[{"id":"a","function":{"name":"f","arguments":"{\"x\""}},{"function":{"arguments":":1}"}}]""")]
    [InlineData("""[{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\""}},{"index":0,"id":"a","function":{"name":"f","arguments":":1}"}}]""")]
    [InlineData("""[{"id":"a","function":{"name":"f","arguments":{"x":1}}}]""")]
    public void One_call_is_put_together_however_a_server_cuts_it(string pieces)
    {
        var calls = Assemble(pieces);

        Assert.Equal(new ToolCall("a", "f", """{"x":1}"""), calls.Single());
    }

    [Theory]
    [InlineData("""[{"index":0,"id":"a","function":{"name":"f"}},{"index":1,"id":"b","function":{"name":"g"}},{"index":0,"function":{"arguments":"{}"}},{"index":1,"function":{"arguments":"{}"}}]""")]
    [InlineData("""[{"id":"a","function":{"name":"f","arguments":"{}"}},{"id":"b","function":{"name":"g","arguments":"{}"}}]""")]
    public void Several_calls_are_kept_apart(string pieces)
    {
        var calls = Assemble(pieces);

        Assert.Equal([new ToolCall("a", "f", "{}"), new ToolCall("b", "g", "{}")], calls);
    }

    [Fact]
    public void Calls_without_id_get_one_and_those_without_name_are_left_out()
    {
        var calls = Assemble("""[{"index":0,"function":{"name":"f"}},{"index":1,"id":"x","function":{"arguments":"{}"}}]""");

        Assert.Equal(new ToolCall("call_1", "f", "{}"), calls.Single());
    }

    [Fact]
    public void More_calls_than_any_model_means_are_refused()
    {
        var assembly = new ToolCallAssembly();

        Assert.Throws<ParleyException>(() => assembly.Add([.. Enumerable.Range(0, 65).Select(index => new ChatToolCall(index, null, null, null))]));
    }

    [Fact]
    public void Random_pieces_give_calls_or_a_refusal_and_nothing_else()
    {
        Fuzz.Run(20_260, Fuzz.Count, RandomPieces, pieces =>
        {
            try
            {
                Assert.All(Assemble(pieces), call => Assert.True(call.Name.Length > 0 && call.Id.Length > 0));
            }
            catch (ParleyException)
            {
                // A refusal is an answer.
            }
        });
    }

    private static string RandomPieces(Random random)
    {
        string[] indexes = ["", "\"index\":0,", "\"index\":1,", "\"index\":-7,"];
        string[] ids = ["", "\"id\":\"a\",", "\"id\":\"b\",", "\"id\":null,", "\"id\":\"\","];
        string[] functions = ["null", "{}", """{"name":"f"}""", """{"name":null,"arguments":null}""", """{"arguments":"{"}""", """{"arguments":"\ud83d"}""", """{"arguments":[1]}""", """{"name":"g","arguments":5}"""];
        var pieces = Enumerable.Range(0, random.Next(1, 6)).Select(_ =>
            $$"""{{{indexes[random.Next(indexes.Length)]}}{{ids[random.Next(ids.Length)]}}"function":{{functions[random.Next(functions.Length)]}}}""");
        return $"[{string.Join(',', pieces)}]";
    }

    // Each piece in a chunk of its own, as a stream brings them.
    private static IReadOnlyList<ToolCall> Assemble(string pieces)
    {
        var assembly = new ToolCallAssembly();
        foreach (var piece in JsonSerializer.Deserialize(pieces, OpenAiJson.Default.IReadOnlyListChatToolCall)!)
        {
            assembly.Add([piece]);
        }

        return assembly.ToCalls();
    }
}
