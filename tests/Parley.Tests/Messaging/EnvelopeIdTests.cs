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
