using System.Text;
using Parley.Hub.Connections;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.Tests.Connections;

public sealed class StrictJsonTests
{
    [Theory]
    [InlineData("""{"a":1,"a":2}""", "two members of one name")]
    [InlineData("""{"a":{"b":[{"c":1,"\u0063":2}]}}""", "two members of one name")]
    [InlineData("""{"a":1""", "no JSON")]
    [InlineData("""{"a":1} x""", "no JSON")]
    [InlineData("", "no JSON")]
    public void What_breaks_the_rule_is_refused_with_the_reason(string json, string reason)
    {
        var refusal = Assert.Throws<ParleyException>(() => StrictJson.Parse(Encoding.UTF8.GetBytes(json), "The body"));

        Assert.StartsWith("The body ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(StrictJson.MaxDepth, true)]
    [InlineData(StrictJson.MaxDepth + 1, false)]
    [InlineData(1_000_000, false)]
    public void Levels_are_counted_and_said(int depth, bool isTaken)
    {
        var json = Encoding.UTF8.GetBytes(new string('[', depth) + new string(']', depth));

        var why = StrictJson.Explain(json, "The body");

        Assert.Equal(isTaken ? null : "The body is nested deeper than 32 levels.", why);
    }

    [Fact]
    public void The_same_name_in_two_objects_is_no_repetition()
    {
        using var document = StrictJson.Parse("""[{"a":1},{"a":{"a":1}}]"""u8.ToArray(), "The body");

        Assert.Equal(2, document.RootElement.GetArrayLength());
    }

    [Fact]
    public void Whatever_the_bytes_are_there_is_a_document_or_a_reason()
    {
        var alphabet = Encoding.ASCII.GetBytes("""{}[]\"a:,1\u00\ud8""");

        Fuzz.Run(20, Fuzz.Count, random => Enumerable.Range(0, random.Next(40)).Select(_ => alphabet[random.Next(alphabet.Length)]).ToArray(), bytes =>
        {
            try
            {
                StrictJson.Parse(bytes, "It").Dispose();
            }
            catch (ParleyException refusal)
            {
                Assert.StartsWith("It ", refusal.Message, StringComparison.Ordinal);
            }
        });
    }
}
