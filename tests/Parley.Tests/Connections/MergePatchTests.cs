using System.Text.Json.Nodes;
using Parley.Hub.Connections.State;
using Parley.Testing;

namespace Parley.Tests.Connections;

public sealed class MergePatchTests
{
    // RFC 7396, appendix A, where target and patch are objects.
    [Theory]
    [InlineData("""{"a":"b"}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"b":"c"}""", """{"a":"b","b":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"a":null}""", """{}""")]
    [InlineData("""{"a":"b","b":"c"}""", """{"a":null}""", """{"b":"c"}""")]
    [InlineData("""{"a":["b"]}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"c"}""", """{"a":["b"]}""", """{"a":["b"]}""")]
    [InlineData("""{"a":{"b":"c"}}""", """{"a":{"b":"d","c":null}}""", """{"a":{"b":"d"}}""")]
    [InlineData("""{"a":[{"b":"c"}]}""", """{"a":[1]}""", """{"a":[1]}""")]
    [InlineData("""{"e":null}""", """{"a":1}""", """{"e":null,"a":1}""")]
    [InlineData("""{}""", """{"a":{"bb":{"ccc":null}}}""", """{"a":{"bb":{}}}""")]
    public void The_rfcs_examples_hold(string target, string patch, string expected)
    {
        var state = JsonNode.Parse(target)!.AsObject();

        MergePatch.Apply(state, JsonNode.Parse(patch)!.AsObject());

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), state), state.ToJsonString());
    }

    [Fact]
    public void The_patch_between_two_states_leads_from_one_to_the_other() => Fuzz.Run(
        7396,
        Fuzz.Count,
        random => (MergePatch.Clean(Make(random, 0)), MergePatch.Clean(Make(random, 0))),
        pair =>
        {
            var (from, to) = pair;
            var patch = MergePatch.Between(from, to);

            MergePatch.Apply(from, patch);

            Assert.True(JsonNode.DeepEquals(from, to), $"{patch.ToJsonString()} leads to {from.ToJsonString()}, not to {to.ToJsonString()}");
            Assert.Empty(MergePatch.Between(from, to));
        });

    private static JsonObject Make(Random random, int depth)
    {
        var made = new JsonObject();
        for (var count = random.Next(4); count > 0; count--)
        {
            made["abcd"[random.Next(4)].ToString()] = random.Next(depth < 3 ? 6 : 4) switch
            {
                0 => null,
                1 => JsonValue.Create(random.Next(3)),
                2 => JsonValue.Create("x"),
                3 => new JsonArray(random.Next(2), null),
                _ => Make(random, depth + 1),
            };
        }

        return made;
    }
}
