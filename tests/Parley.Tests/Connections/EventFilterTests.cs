using System.Text.Json;
using Parley.Hub.Connections.Filters;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.Tests.Connections;

public sealed class EventFilterTests
{
    private const string Order = """
        {"workflow_id":"step-1","order":{"total":120.50,"items":[{"sku":"a","n":1},{"sku":"b","n":2}],"note":null},"tags":["red","blue"],"empty":[],"channel":"support","n":5,"ok":true}
        """;

    [Theory]
    [InlineData("""{}""", true)]
    [InlineData("""{"workflow_id":"step-1"}""", true)]
    [InlineData("""{"workflow_id":"step-2"}""", false)]
    [InlineData("""{"workflow_id":"step-1","channel":"support"}""", true)]
    [InlineData("""{"workflow_id":"step-1","channel":"sales"}""", false)]
    [InlineData("""{"order.total":120.5}""", true)]
    [InlineData("""{"order":{"total":120.5}}""", true)]
    [InlineData("""{"order.items.sku":"b"}""", true)]
    [InlineData("""{"order.items.sku":"c"}""", false)]
    [InlineData("""{"tags":"red"}""", true)]
    [InlineData("""{"tags":["green","blue"]}""", true)]
    [InlineData("""{"tags":{"$in":["green"]}}""", false)]
    [InlineData("""{"tags":{"$not":"green"}}""", true)]
    [InlineData("""{"tags":{"$not":"red"}}""", false)]
    [InlineData("""{"n":5}""", true)]
    [InlineData("""{"n":5.0}""", true)]
    [InlineData("""{"n":"5"}""", false)]
    [InlineData("""{"ok":true}""", true)]
    [InlineData("""{"ok":"true"}""", false)]
    [InlineData("""{"order.note":null}""", true)]
    [InlineData("""{"missing":null}""", false)]
    [InlineData("""{"missing":{"$not":"x"}}""", false)]
    [InlineData("""{"missing":{"$exists":false}}""", true)]
    [InlineData("""{"missing.deeper":{"$exists":false}}""", true)]
    [InlineData("""{"order.note":{"$exists":true}}""", true)]
    [InlineData("""{"empty":{"$exists":true}}""", true)]
    [InlineData("""{"empty":{"$not":"x"}}""", true)]
    [InlineData("""{"empty":"x"}""", false)]
    [InlineData("""{"channel":{"$prefix":"sup"}}""", true)]
    [InlineData("""{"n":{"$prefix":"5"}}""", false)]
    [InlineData("""{"order.total":{"$gte":120,"$lt":121}}""", true)]
    [InlineData("""{"order.total":{"$gt":120.5}}""", false)]
    [InlineData("""{"order.items.n":{"$gt":1}}""", true)]
    [InlineData("""{"channel":{"$gt":"sales"}}""", true)]
    [InlineData("""{"n":{"$gt":"1"}}""", false)]
    public void A_filter_takes_what_it_says(string filter, bool isTaken)
    {
        var compiled = FilterCompiler.Compile(Json(filter));

        Assert.Equal(isTaken, compiled.Matches(Json(Order)));
        Assert.Equal(isTaken, compiled.Explain(Json(Order)).All(finding => finding.IsMet));
    }

    [Theory]
    [InlineData("""{"a":{"$regex":"x"}}""", "filter.a")]
    [InlineData("""{"a":{"b":{"$near":1}}}""", "filter.a.b")]
    [InlineData("""{"$or":[]}""", "filter.$or")]
    [InlineData("""{"a":{"$gt":1,"b":2}}""", "filter.a")]
    [InlineData("""{"a":{}}""", "filter.a")]
    [InlineData("""{"a":[]}""", "filter.a")]
    [InlineData("""{"a":[{"b":1}]}""", "filter.a")]
    [InlineData("""{"a..b":1}""", "filter.a..b")]
    [InlineData("""{"a":{"$not":{"$exists":true}}}""", "filter.a")]
    [InlineData("""{"a":{"$in":"x"}}""", "filter.a")]
    [InlineData("""{"a":{"$gt":true}}""", "filter.a")]
    [InlineData("""[1]""", "filter")]
    public void What_a_filter_does_not_know_is_refused_by_the_name_of_the_field(string filter, string field)
    {
        var refusal = Assert.Throws<ParleyException>(() => FilterCompiler.Compile(Json(filter)));

        Assert.Equal(ErrorCode.InvalidArgument, refusal.Code);
        Assert.Equal(field, refusal.Field);
    }

    [Fact]
    public void It_says_which_condition_failed_and_what_stood_there()
    {
        var compiled = FilterCompiler.Compile(Json("""{"workflow_id":"step-2","missing":"x"}"""));

        var findings = compiled.Explain(Json(Order));

        Assert.Equal(new FilterFinding("workflow_id", "= \"step-2\"", false, "\"step-1\""), findings[0]);
        Assert.Equal(new FilterFinding("missing", "= \"x\"", false, null), findings[1]);
    }

    [Fact]
    public void No_filter_and_no_event_make_it_fail_in_another_way()
    {
        Fuzz.Run(4100, Fuzz.Count, random => (Filter: RandomJson(random, 0), Data: RandomJson(random, 0)), input =>
        {
            try
            {
                var compiled = FilterCompiler.Compile(Json(input.Filter));
                Assert.Equal(compiled.Matches(Json(input.Data)), compiled.Explain(Json(input.Data)).All(finding => finding.IsMet));
            }
            catch (ParleyException refusal)
            {
                Assert.Equal(ErrorCode.InvalidArgument, refusal.Code);
            }
        });
    }

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;

    private static string RandomJson(Random random, int depth)
    {
        string[] names = ["a", "b", "a.b", "$in", "$not", "$exists", "$gt", "$prefix", "$x", "", "a..b"];
        return random.Next(depth > 4 ? 5 : 8) switch
        {
            0 => "1e400",
            1 => "\"x\"",
            2 => "true",
            3 => "null",
            4 => "5.0",
            5 => $"[{string.Join(',', Enumerable.Range(0, random.Next(3)).Select(_ => RandomJson(random, depth + 1)))}]",
            _ => $"{{{string.Join(',', Enumerable.Range(0, random.Next(3)).Select(_ => $"\"{names[random.Next(names.Length)]}\":{RandomJson(random, depth + 1)}"))}}}",
        };
    }
}
