using Parley.Protocol.Errors;
using Parley.Protocol.Identity;

namespace Parley.Tests.Identity;

public sealed class NamesTests
{
    [Theory]
    [InlineData("a", true)]
    [InlineData("0", true)]
    [InlineData("agent-b2", true)]
    [InlineData("a-", true)]
    [InlineData("-a", false)]
    [InlineData("", false)]
    [InlineData("Agent", false)]
    [InlineData("a.b", false)]
    [InlineData("a_b", false)]
    [InlineData("ä", false)]
    public void A_name_is_small_letters_digits_and_dashes(string text, bool isValid) => Assert.Equal(isValid, Names.IsValid(text));

    [Fact]
    public void A_name_has_at_most_63_characters()
    {
        Assert.True(Names.IsValid(new string('a', 63)));
        Assert.False(Names.IsValid(new string('a', 64)));
    }

    [Theory]
    [InlineData("api", ErrorCode.NameReserved)]
    [InlineData("all", ErrorCode.NameReserved)]
    [InlineData("A", ErrorCode.NameInvalid)]
    public void New_names_are_neither_reserved_nor_invalid(string name, ErrorCode code) =>
        Assert.Equal(code, Assert.Throws<ParleyException>(() => Names.CheckNew(name)).Code);

    [Theory]
    [InlineData("acme.bob", "acme", "bob")]
    [InlineData("a.b-c", "a", "b-c")]
    public void An_address_is_owner_and_name(string text, string owner, string name)
    {
        var address = AgentAddress.Parse(text);

        Assert.Equal(new AgentAddress(owner, name), address);
        Assert.Equal(text, address.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("bob")]
    [InlineData(".bob")]
    [InlineData("acme.")]
    [InlineData("acme.bob.x")]
    [InlineData("Acme.bob")]
    public void Anything_else_is_no_address(string? text) => Assert.False(AgentAddress.TryParse(text, out _));
}
