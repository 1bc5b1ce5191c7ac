using Parley.Protocol.Messaging;
using Parley.Testing;

namespace Parley.Tests.Messaging;

public sealed class EnvelopeIdTests
{
    [Fact]
    public void Made_ids_are_valid_and_differ()
    {
        var fill = SeededRandom.Source(1);

        var ids = Enumerable.Range(0, 1000).Select(_ => EnvelopeId.Make(fill).Value).ToList();

        Assert.All(ids, id => Assert.True(id.Length == 26 && EnvelopeId.TryParse(id, out _)));
        Assert.Equal(1000, ids.Distinct().Count());
    }

    [Fact]
    public void Ids_made_later_sort_later_and_those_of_one_moment_differ()
    {
        var fill = SeededRandom.Source(2);
        var start = new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);
        long[] moments = [0, 1, 31, 32, 1_000, 100_000_000, 4_000_000_000_000];

        var ids = moments.Select(moment => EnvelopeId.MakeOrdered(start.AddMilliseconds(moment), fill).Value).ToList();
        var ofOneMoment = Enumerable.Range(0, 1000).Select(_ => EnvelopeId.MakeOrdered(start, fill).Value).ToList();

        Assert.Equal(ids.Order(StringComparer.Ordinal), ids);
        Assert.Equal(1000, ofOneMoment.Distinct().Count());
        Assert.All([.. ids, .. ofOneMoment], id => Assert.True(id.Length == 26 && EnvelopeId.TryParse(id, out _)));
    }

    [Theory]
    [InlineData("a", true)]
    [InlineData("A-z_09", true)]
    [InlineData("", false)]
    [InlineData(null, false)]
    [InlineData("a b", false)]
    [InlineData("a/b", false)]
    [InlineData("é", false)]
    public void An_id_is_letters_digits_dash_and_underscore(string? text, bool isValid) => Assert.Equal(isValid, EnvelopeId.TryParse(text, out _));

    [Fact]
    public void An_id_has_at_most_64_characters()
    {
        Assert.True(EnvelopeId.TryParse(new string('a', 64), out _));
        Assert.False(EnvelopeId.TryParse(new string('a', 65), out _));
    }
}
