using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Hub.Connections.State;
using Parley.Protocol.Errors;

namespace Parley.Tests.Connections;

public sealed class SharedFieldsTests
{
    private const string State = """{"contacts":{"jo":"1"},"config":{"theme":"dark","apiKey":"k","inner":[{"password":"p","n":1}]},"private":1,"a":{"b":{"c":2,"d":3}}}""";

    [Theory]
    [InlineData("contacts", """{"contacts":{"jo":"1"}}""")]
    [InlineData("config", """{"config":{"theme":"dark","inner":[{"n":1}]}}""")]
    [InlineData("a.b.c,contacts", """{"a":{"b":{"c":2}},"contacts":{"jo":"1"}}""")]
    [InlineData("a.b.c,a.b.d", """{"a":{"b":{"c":2,"d":3}}}""")]
    [InlineData("nothing,contacts.jo.deeper", """{"contacts":{}}""")]
    public void Only_what_is_named_leaves_and_in_it_nothing_called_like_a_secret(string fields, string expected)
    {
        var shared = SharedFields.Of(JsonNode.Parse(State)!.AsObject(), fields.Split(','));

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), shared), shared.ToJsonString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("a..b")]
    [InlineData("password")]
    [InlineData("config.api_key")]
    [InlineData("authToken")]
    public void Fields_that_are_none_or_secrets_are_refused(string field)
    {
        var refusal = Assert.Throws<ParleyException>(() => SharedFields.Check([field]));

        Assert.Equal((ErrorCode.InvalidArgument, "fields"), (refusal.Code, refusal.Field));
    }

    [Theory]
    [InlineData("password", true)]
    [InlineData("userPassword", true)]
    [InlineData("API_KEY", true)]
    [InlineData("client-secret", true)]
    [InlineData("max_tokens", false)]
    [InlineData("keyboard", false)]
    [InlineData("secretary", false)]
    public void A_name_is_a_secrets_by_its_words(string name, bool isSecret) => Assert.Equal(isSecret, SharedFields.IsSecretLike(name));

    [Theory]
    [InlineData("""{"fields":["contacts"]}""", true)]
    [InlineData("""{"fields":["private"]}""", false)]
    [InlineData("""{"fields":7}""", true)]
    [InlineData("""{}""", true)]
    public void A_change_of_other_members_does_not_concern_a_connection(string data, bool isTouched)
    {
        using var document = JsonDocument.Parse(data);

        Assert.Equal(isTouched, SharedFields.AreTouched(["contacts.jo"], document.RootElement));
    }
}
