using System.Text;
using System.Text.Json;
using Parley.Gateway.ProtoJson;
using Parley.Gateway.Wire.V1;
using Parley.Hub.AgentApi.Cards;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.Tests.AgentApi;

public sealed class UploadedCardTests
{
    private const string Whole = """
        {"name":"Mine","description":"Answers questions\nand more.","version":"2.1.0","url":"https://elsewhere.example/a2a","protocolVersion":"0.3.0","preferredTransport":"JSONRPC",
        "provider":{"organization":"Acme","url":"https://acme.example"},"documentationUrl":"https://acme.example/docs","iconUrl":"https://acme.example/icon.png",
        "supportedInterfaces":[{"url":"https://elsewhere.example","protocolBinding":"JSONRPC","protocolVersion":"1.0"}],
        "capabilities":{"streaming":false,"pushNotifications":false,"stateTransitionHistory":true,"extensions":[{"uri":"https://acme.example/ext/1","description":"More.","required":true,"params":{"a":[1,{"b":null}]}}]},
        "securitySchemes":{"none":{"apiKeySecurityScheme":{"location":"query","name":"k"}}},"security":[{"none":[]}],"securityRequirements":[],
        "defaultInputModes":["text/plain"],"defaultOutputModes":["text/plain","image/png"],
        "skills":[{"id":"q","name":"Questions","description":"Answers.","tags":["a","b"],"examples":["Why?"],"inputModes":["text/plain"],"outputModes":["text/plain"],"securityRequirements":[{"schemes":{"none":{}}}]}],
        "signatures":[{"protected":"e30","signature":"e30"}],"unknown":{"deep":[]}}
        """;

    [Fact]
    public void What_an_agent_says_of_itself_is_kept_and_the_hubs_part_is_left_out()
    {
        var (card, ignored) = UploadedCard.Read(Encoding.UTF8.GetBytes(Whole));

        Assert.Equal(
            """{"capabilities":{"extensions":[{"description":"More.","params":{"a":[1]},"required":true,"uri":"https://acme.example/ext/1"}]},"defaultInputModes":["text/plain"],"defaultOutputModes":["text/plain","image/png"],"description":"Answers questions\nand more.","documentationUrl":"https://acme.example/docs","iconUrl":"https://acme.example/icon.png","provider":{"organization":"Acme","url":"https://acme.example"},"skills":[{"description":"Answers.","examples":["Why?"],"id":"q","inputModes":["text/plain"],"name":"Questions","outputModes":["text/plain"],"tags":["a","b"]}],"version":"2.1.0"}""",
            Encoding.UTF8.GetString(UploadedCard.ToJson(card).Span));
        Assert.Equal(["name", "url", "preferredTransport", "supportedInterfaces", "protocolVersion", "security", "securitySchemes", "securityRequirements", "signatures"], ignored);
    }

    [Theory]
    [InlineData("{}", ErrorCode.InvalidArgument, null)]
    [InlineData("""{"name":"only the hub's"}""", ErrorCode.InvalidArgument, null)]
    [InlineData("[]", ErrorCode.InvalidArgument, "AgentCard")]
    [InlineData("", ErrorCode.JsonInvalid, null)]
    [InlineData("{", ErrorCode.JsonInvalid, null)]
    [InlineData("""{"description":5}""", ErrorCode.InvalidArgument, "AgentCard.description")]
    [InlineData("""{"description":"\u001b[2J"}""", ErrorCode.InvalidArgument, "description")]
    [InlineData("""{"description":"a\u202eb"}""", ErrorCode.InvalidArgument, "description")]
    [InlineData("""{"documentationUrl":"javascript:alert(1)"}""", ErrorCode.InvalidArgument, "documentationUrl")]
    [InlineData("""{"iconUrl":"https://user:secret@host/x"}""", ErrorCode.InvalidArgument, "iconUrl")]
    [InlineData("""{"iconUrl":"/relative"}""", ErrorCode.InvalidArgument, "iconUrl")]
    [InlineData("""{"provider":{"organization":"A"}}""", ErrorCode.InvalidArgument, "provider.url")]
    [InlineData("""{"provider":{"url":"https://a.example"}}""", ErrorCode.InvalidArgument, "provider.organization")]
    [InlineData("""{"defaultInputModes":["text"]}""", ErrorCode.InvalidArgument, "defaultInputModes")]
    [InlineData("""{"defaultInputModes":["text/plain html"]}""", ErrorCode.InvalidArgument, "defaultInputModes")]
    [InlineData("""{"skills":[{"name":"N","description":"D"}]}""", ErrorCode.InvalidArgument, "skills.id")]
    [InlineData("""{"skills":[{"id":"a","description":"D"}]}""", ErrorCode.InvalidArgument, "skills.name")]
    [InlineData("""{"skills":[{"id":"a","name":" ","description":"D"}]}""", ErrorCode.InvalidArgument, "skills.name")]
    [InlineData("""{"skills":[{"id":"a","name":"N"}]}""", ErrorCode.InvalidArgument, "skills.description")]
    [InlineData("""{"skills":[{"id":"a","name":"N","description":"D","tags":[""]}]}""", ErrorCode.InvalidArgument, "skills.tags")]
    [InlineData("""{"skills":[{"id":"a","name":"N","description":"D"},{"id":"a","name":"M","description":"E"}]}""", ErrorCode.InvalidArgument, "skills.id")]
    [InlineData("""{"capabilities":{"extensions":[{"uri":"not one"}]}}""", ErrorCode.InvalidArgument, "capabilities.extensions.uri")]
    public void What_does_not_belong_into_a_card_is_refused_by_name(string json, ErrorCode code, string? field)
    {
        var refusal = Assert.Throws<ParleyException>(() => UploadedCard.Read(Encoding.UTF8.GetBytes(json)));

        Assert.Equal((code, field), (refusal.Code, refusal.Field));
    }

    [Fact]
    public void Sizes_are_limited()
    {
        var skills = string.Join(',', Enumerable.Range(0, 65).Select(number => $$"""{"id":"{{number}}","name":"N","description":"D"}"""));

        Assert.Equal(ErrorCode.MessageTooLarge, CodeOf($$"""{"description":"{{new string('a', UploadedCard.MaxBytes)}}"}"""));
        Assert.Equal(ErrorCode.InvalidArgument, CodeOf($$"""{"description":"{{new string('a', 4097)}}"}"""));
        Assert.Equal(ErrorCode.InvalidArgument, CodeOf($$"""{"skills":[{{skills}}]}"""));
        Assert.Equal(ErrorCode.JsonInvalid, CodeOf($$"""{"description":"a","x":{{new string('[', 40)}}{{new string(']', 40)}}}"""));
    }

    [Fact]
    public void Whatever_comes_is_refused_by_the_catalogue_or_survives_being_stored_and_read_again()
    {
        var good = Encoding.UTF8.GetBytes(Whole);
        Fuzz.Run(94_000, Fuzz.Count, random => random.Next(8) == 0 ? Fuzz.Bytes(random, 400) : Fuzz.Mutate(random, good), bytes =>
        {
            UploadedCard read;
            try
            {
                read = UploadedCard.Read(bytes);
            }
            catch (ParleyException)
            {
                return;
            }

            var stored = JsonDialect.V1.ToBytes(read.Card);
            Assert.Equal(read.Card, JsonDialect.V1.Parse<AgentCard>(stored.Span, JsonLimits.Default));
            using var document = JsonDocument.Parse(UploadedCard.ToJson(read.Card));
            Assert.All(read.Ignored, name => Assert.False(document.RootElement.TryGetProperty(name, out _)));
        });
    }

    private static ErrorCode CodeOf(string json) => Assert.Throws<ParleyException>(() => UploadedCard.Read(Encoding.UTF8.GetBytes(json))).Code;
}
