using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Gateway.Cards;
using Parley.Gateway.ProtoJson;
using Parley.Gateway.Wire.V1;
using Parley.Protocol.Errors;
using Parley.Testing;
using Parley.Tests.A2a;
using V03 = Parley.Gateway.Wire.V03;

namespace Parley.Tests.Cards;

public sealed class CardTests
{
    private const int Seed = 81_000;

    private static readonly JsonSerializerOptions _indented = new() { WriteIndented = true };

    [Theory]
    [InlineData("1.0")]
    [InlineData("0.3")]
    [InlineData(null)]
    public void A_card_is_served_as_the_golden_file_has_it(string? version)
    {
        var json = JsonNode.Parse(CardForm.Write(Built(), version).Span)!;

        Golden.Verify($"a2a-card-{version ?? "blended"}", json.ToJsonString(_indented) + "\n");
    }

    [Fact]
    public void A_blended_card_is_read_by_both_versions()
    {
        var blended = CardForm.Write(Samples.Card, null).Span;

        var old = JsonDialect.Kind.Parse<V03.AgentCard>(CardForm.Write(Samples.Card, "0.3").Span, JsonLimits.Default);
        old.Signatures.Add(JsonDialect.Kind.Parse<V03.AgentCard>(blended, JsonLimits.Default).Signatures);
        Assert.Equal(Samples.Card, JsonDialect.V1.Parse<AgentCard>(blended, JsonLimits.Default));
        Assert.Equal(JsonDialect.Kind.ToBytes(old).ToArray(), JsonDialect.Kind.ToBytes(JsonDialect.Kind.Parse<V03.AgentCard>(blended, JsonLimits.Default)).ToArray());
    }

    [Fact]
    public void An_unknown_version_of_a_card_is_refused() =>
        Assert.Equal(ErrorCode.ProtocolVersion, Assert.Throws<ParleyException>(() => CardForm.Write(Samples.Card, "9.9")).Code);

    [Fact]
    public void The_seeds_card_has_its_members() =>
        Assert.Equal(
            """{"name":"Agent B","description":"Answers.","url":"https://hub.example/a2a","capabilities":{"streaming":true,"tools":["send_email"]},"skills":[{"name":"Answer","description":"Answers questions."}]}""",
            Encoding.UTF8.GetString(SeedCard.Write(Samples.Card, "https://hub.example/a2a", ["send_email"]).Span));

    [Fact]
    public void The_signature_of_RFC_7515_appendix_A_3_is_accepted_and_no_other()
    {
        using var key = Es256.FromCoordinates("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")!;
        var input = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"u8.ToArray();
        var signature = Base64Url.DecodeFromChars("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");

        Assert.True(Es256.Verify(key, input, signature));
        input[0] ^= 1;
        Assert.False(Es256.Verify(key, input, signature));
    }

    [Fact]
    public void A_card_that_was_signed_verifies_until_anything_changes()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var card = Built();
        CardSignature.Add(card, key, new Uri("https://hub.example/.well-known/jwks.json"));

        var read = JsonDialect.V1.Parse<AgentCard>(CardForm.Write(card, null).Span, JsonLimits.Default);

        Assert.True(CardSignature.Verify(read, key));
        Assert.False(CardSignature.Verify(read, other));
        read.Description += "!";
        Assert.False(CardSignature.Verify(read, key));
    }

    [Theory]
    [InlineData("")]
    [InlineData("!")]
    [InlineData("e30")]
    [InlineData("eyJhbGciOiJub25lIn0")]
    [InlineData("bm90IGpzb24")]
    public void A_header_without_our_algorithm_never_verifies(string header)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var card = Built();
        CardSignature.Add(card, key, null);
        card.Signatures[0].Protected = header;

        Assert.False(CardSignature.Verify(card, key));
    }

    [Fact]
    public void What_a_signature_covers_is_the_golden_file() =>
        Golden.Verify("a2a-card-payload", Encoding.UTF8.GetString(CardSignature.Payload(Built())) + "\n");

    [Fact]
    public void A_key_set_names_its_keys()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        var one = JsonNode.Parse(Es256.KeySet([key]))!["keys"]![0]!;

        using var read = Es256.FromCoordinates((string)one["x"]!, (string)one["y"]!);
        Assert.Equal(Es256.PublicKey(key), Es256.PublicKey(read!));
        Assert.Null(Es256.FromCoordinates("AAAA", "AAAA"));
    }

    [Fact]
    public void Only_cards_of_plain_text_without_empty_members_are_portable()
    {
        var card = Built();
        Assert.False(CardSignature.IsPortable(card));

        card.SecurityRequirements[0].Schemes["key"].List.Add("send");
        Assert.True(CardSignature.IsPortable(card));

        card.Description = "Überall";
        Assert.False(CardSignature.IsPortable(card));

        card.Description = "Everywhere";
        card.Skills.Clear();
        Assert.False(CardSignature.IsPortable(card));
    }

    [Fact]
    public void The_example_of_RFC_8785_comes_out_as_it_says()
    {
        using var value = JsonDocument.Parse(
            """{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}""");

        Assert.Equal(
            """{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}""",
            Encoding.UTF8.GetString(CanonicalJson.Write(value.RootElement)));
    }

    [Theory]
    [InlineData("0000000000000000", "0")]
    [InlineData("8000000000000000", "0")]
    [InlineData("0000000000000001", "5e-324")]
    [InlineData("8000000000000001", "-5e-324")]
    [InlineData("7fefffffffffffff", "1.7976931348623157e+308")]
    [InlineData("4340000000000000", "9007199254740992")]
    [InlineData("4430000000000000", "295147905179352830000")]
    [InlineData("44b52d02c7e14af5", "9.999999999999997e+22")]
    [InlineData("44b52d02c7e14af6", "1e+23")]
    [InlineData("444b1ae4d6e2ef4e", "999999999999999700000")]
    [InlineData("444b1ae4d6e2ef50", "1e+21")]
    [InlineData("3eb0c6f7a0b5ed8c", "9.999999999999997e-7")]
    [InlineData("3eb0c6f7a0b5ed8d", "0.000001")]
    [InlineData("41b3de4355555553", "333333333.3333332")]
    [InlineData("becbf647612f3696", "-0.0000033333333333333333")]
    [InlineData("43143ff3c1cb0959", "1424953923781206.2")]
    public void Numbers_are_printed_as_RFC_8785_appendix_B_says(string bits, string expected)
    {
        var number = BitConverter.Int64BitsToDouble(Convert.ToInt64(bits, 16));
        using var value = JsonDocument.Parse(number.ToString("R", System.Globalization.CultureInfo.InvariantCulture));

        Assert.Equal(expected, Encoding.UTF8.GetString(CanonicalJson.Write(value.RootElement)));
    }

    [Fact]
    public void Members_are_ordered_by_UTF_16_and_stand_once()
    {
        using var value = JsonDocument.Parse("""{"\ufb33":1,"\ud83d\ude00":2,"\u20ac":3,"\r":4,"1":5}""");
        using var twice = JsonDocument.Parse("""{"a":1,"a":2}""");

        Assert.Equal("{\"\\r\":4,\"1\":5,\"€\":3,\"😀\":2,\"\ufb33\":1}", Encoding.UTF8.GetString(CanonicalJson.Write(value.RootElement)));
        Assert.Throws<ParleyException>(() => CanonicalJson.Write(twice.RootElement));
    }

    [Fact]
    public void Any_number_keeps_its_value() =>
        Fuzz.Run(Seed, Fuzz.Count, random => BitConverter.Int64BitsToDouble(random.NextInt64()), number =>
        {
            if (double.IsFinite(number))
            {
                using var value = JsonDocument.Parse(number.ToString("R", System.Globalization.CultureInfo.InvariantCulture));

                Assert.Equal(number, double.Parse(CanonicalJson.Write(value.RootElement), System.Globalization.CultureInfo.InvariantCulture));
            }
        });

    private static AgentCard Built() => new CardParts("Agent B", "Answers.", "1")
    {
        Url = new Uri("https://hub.example/agents/b"),
        GrpcUrl = new Uri("https://hub.example"),
        Tenant = "b",
        Capabilities = new AgentCapabilities { Streaming = true, PushNotifications = true },
        SecuritySchemes = new Dictionary<string, SecurityScheme>
        {
            ["key"] = new() { HttpAuthSecurityScheme = new HTTPAuthSecurityScheme { Scheme = "Bearer" } },
        },
    }.Build();
}
