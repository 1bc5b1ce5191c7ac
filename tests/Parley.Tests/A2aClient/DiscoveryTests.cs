using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Parley.Gateway.A2a;
using Parley.Gateway.Cards;
using Parley.Gateway.Client;
using Parley.Gateway.Client.Discovery;
using Parley.Gateway.ProtoJson;
using Parley.Gateway.Wire.V1;
using Parley.Protocol.Errors;
using Parley.Testing;
using Parley.Tests.A2a;
using Task = System.Threading.Tasks.Task;

namespace Parley.Tests.A2aClient;

public sealed class DiscoveryTests : IDisposable
{
    private readonly Pages _pages = new();
    private readonly HttpMessageInvoker _invoker;

    public DiscoveryTests() => _invoker = new HttpMessageInvoker(_pages);

    public void Dispose() => _invoker.Dispose();

    [Theory]
    [InlineData("https://a.example", "https://a.example/.well-known/agent-card.json")]
    [InlineData("https://a.example/agents/b/", "https://a.example/agents/b/.well-known/agent-card.json")]
    [InlineData("https://a.example/agents/b", "https://a.example/agents/b/.well-known/agent.json")]
    [InlineData("https://a.example/my/card.json", "https://a.example/my/card.json")]
    [InlineData("https://a.example/card", "https://a.example/card")]
    public async Task A_card_is_found_from_its_own_address_or_the_one_above(string address, string place)
    {
        _pages.Answers[place] = CardForm.Write(Samples.Card, "1.0").ToArray();

        var card = await ResolveAsync(address);

        Assert.Equal((Samples.Card, new Uri(place), A2aVersion.V1), (card.Card, card.Source, card.Version));
    }

    [Theory]
    [InlineData("1.0", A2aVersion.V1, 3)]
    [InlineData("0.3", A2aVersion.V03, 1)]
    [InlineData(null, A2aVersion.V1, 3)]
    public async Task Every_form_of_a_card_is_read(string? form, A2aVersion version, int interfaces)
    {
        _pages.Answers["https://a.example/.well-known/agent-card.json"] = CardForm.Write(Samples.Card, form).ToArray();

        var card = await ResolveAsync("https://a.example");

        Assert.Equal((version, interfaces, "Agent B"), (card.Version, InterfaceChoice.Known(card).Count, card.Card.Name));
    }

    [Fact]
    public async Task Where_there_is_none_the_places_are_named() =>
        Assert.Equal(ErrorCode.NotFound, (await Assert.ThrowsAsync<ParleyException>(() => ResolveAsync("https://a.example"))).Code);

    [Theory]
    [InlineData("<html>", "text/html")]
    [InlineData("{}", "application/json")]
    [InlineData("[]", "application/json")]
    [InlineData("{\"name\":\"x\",\"supportedInterfaces\":[]}", "application/json")]
    [InlineData("{\"name\":17,\"url\":\"https://a.example\"}", "application/json")]
    public async Task What_is_no_card_is_refused(string page, string type)
    {
        (_pages.Answers["https://a.example/.well-known/agent-card.json"], _pages.Type) = (Encoding.UTF8.GetBytes(page), type);

        Assert.Equal(ErrorCode.AgentAnswerInvalid, (await Assert.ThrowsAsync<ParleyException>(() => ResolveAsync("https://a.example"))).Code);
    }

    [Fact]
    public void The_best_interface_is_chosen_by_version_then_binding_then_the_cards_order()
    {
        var card = Card(("JSONRPC", "0.3", "https://a.example/old"), ("GRPC", "1.0", "a.example:443"), ("HTTP+JSON", "1.0.1", "/rest"), ("AMQP", "1.0", "amqp://a"), ("JSONRPC", "2.0", "https://a.example/new"));

        Assert.Equal(new A2aEndpoint(new Uri("https://a.example:443"), A2aBinding.Grpc, A2aVersion.V1), InterfaceChoice.Choose(card, new A2aPreferences()));
        Assert.Equal("https://a.example/rest", InterfaceChoice.Choose(card, new A2aPreferences { Bindings = [A2aBinding.HttpJson, A2aBinding.JsonRpc] }).Url.ToString());
        Assert.Equal("https://a.example/old", InterfaceChoice.Choose(card, new A2aPreferences { Versions = [A2aVersion.V03] }).Url.ToString());
        Assert.Equal(3, InterfaceChoice.Known(card).Count);
    }

    [Fact]
    public void A_card_without_a_wanted_interface_is_refused() =>
        Assert.Equal(
            ErrorCode.OperationNotSupported,
            Assert.Throws<ParleyException>(() => InterfaceChoice.Choose(Card(("JSONRPC", "0.3", "https://a.example")), new A2aPreferences { Bindings = [A2aBinding.Grpc] })).Code);

    [Theory]
    [InlineData("https://a.example/keys.json", CardTrust.Verified)]
    [InlineData("https://a.example:8443/keys.json", CardTrust.Verified)]
    [InlineData("http://a.example/keys.json", CardTrust.Unchecked)]
    [InlineData("https://b.example/keys.json", CardTrust.Unchecked)]
    public async Task A_signature_counts_when_the_cards_own_host_has_the_key(string keySet, CardTrust trust)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _pages.Answers[keySet] = Encoding.UTF8.GetBytes(Es256.KeySet([key]));
        var card = Signed(key, keySet);

        var verdict = await new CardVerifier(_invoker, new A2aClientOptions()).CheckAsync(card, CancellationToken.None);

        Assert.Equal(trust, verdict.Trust);
    }

    [Fact]
    public async Task A_changed_card_a_foreign_key_and_a_missing_key_are_told_apart()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        const string KeySet = "https://a.example/keys.json";
        var card = Signed(key, KeySet);
        var verifier = new CardVerifier(_invoker, new A2aClientOptions());

        var missing = await verifier.CheckAsync(card, CancellationToken.None);
        _pages.Answers[KeySet] = Encoding.UTF8.GetBytes(Es256.KeySet([other]));
        var unknown = await verifier.CheckAsync(card, CancellationToken.None);
        _pages.Answers[KeySet] = Encoding.UTF8.GetBytes(Es256.KeySet([key]));
        card.Card.Description += " More.";
        var changed = await verifier.CheckAsync(card, CancellationToken.None);

        Assert.Equal((CardTrust.Unchecked, CardTrust.Unchecked, CardTrust.Wrong), (missing.Trust, unknown.Trust, changed.Trust));
    }

    [Theory]
    [InlineData("""{"alg":"none","jku":"https://a.example/keys.json"}""")]
    [InlineData("""{"alg":"HS256","jku":"https://a.example/keys.json"}""")]
    [InlineData("""{"alg":"es256","jku":"https://a.example/keys.json"}""")]
    [InlineData("""{"alg":"ES256","kid":"../../etc/passwd","jku":"https://a.example/keys.json"}""")]
    [InlineData("""{"alg":"ES256","jku":"file:///etc/passwd"}""")]
    [InlineData("""{"alg":"ES256","jku":"https://a.example@b.example/keys.json"}""")]
    [InlineData("""{"alg":"ES256","jku":"https://b.example/keys.json#a.example"}""")]
    [InlineData("""{"alg":"ES256","jku":"https://169.254.169.254/latest"}""")]
    [InlineData("""{"alg":"ES256","crit":["b64"],"b64":false,"jku":"https://a.example/keys.json"}""")]
    [InlineData("""["ES256"]""")]
    public async Task Headers_that_would_trick_a_verifier_verify_nothing(string header)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _pages.Answers["https://a.example/keys.json"] = Encoding.UTF8.GetBytes(Es256.KeySet([key]));
        _pages.Answers["https://b.example/keys.json"] = Encoding.UTF8.GetBytes(Es256.KeySet([key]));
        var card = Signed(key, "https://a.example/keys.json");
        var encoded = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header));
        var input = Encoding.ASCII.GetBytes($"{encoded}.{Base64Url.EncodeToString(CardSignature.Payload(card.Card))}");
        card.Card.Signatures[0].Protected = encoded;
        card.Card.Signatures[0].Signature = Base64Url.EncodeToString(Es256.Sign(key, input));

        var verdict = await new CardVerifier(_invoker, new A2aClientOptions()).CheckAsync(card, CancellationToken.None);

        Assert.NotEqual(CardTrust.Verified, verdict.Trust);
    }

    [Fact]
    public async Task No_credential_goes_to_a_key_set()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var options = new A2aClientOptions { Credentials = new HostCredentials(new Uri("https://a.example"), A2aCredential.Bearer("secret")) };

        await new CardVerifier(_invoker, options).CheckAsync(Signed(key, "https://a.example/keys.json"), CancellationToken.None);

        Assert.DoesNotContain("Authorization", _pages.LastHeaders);
    }

    [Fact]
    public async Task Whatever_stands_there_is_read_or_refused()
    {
        var good = new[] { "1.0", "0.3", null }.Select(form => CardForm.Write(Samples.Card, form).ToArray()).ToArray();
        Fuzz.Run(5400, Fuzz.Count, random => Fuzz.Mutate(random, good[random.Next(good.Length)]), json =>
        {
            var failure = Record.Exception(() => InterfaceChoice.Known(CardResolver.Read(json, new Uri("https://a.example"), JsonLimits.Default)));
            Assert.True(failure is null or ParleyException, failure?.ToString());
        });
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var keys = Encoding.UTF8.GetBytes(Es256.KeySet([key]));
        var card = Signed(key, "https://a.example/keys.json");
        for (var seed = 0; seed < 300; seed++)
        {
            _pages.Answers["https://a.example/keys.json"] = Fuzz.Mutate(new Random(seed), keys);
            await new CardVerifier(_invoker, new A2aClientOptions()).CheckAsync(card, CancellationToken.None);
        }
    }

    private static ResolvedCard Signed(ECDsa key, string keySet)
    {
        var card = Samples.Card;
        card.Signatures.Clear();
        CardSignature.Add(card, key, new Uri(keySet));
        return new ResolvedCard(card, new Uri("https://a.example/.well-known/agent-card.json"), A2aVersion.V1, default) { IsSigned = true };
    }

    private static ResolvedCard Card(params (string Binding, string Version, string Url)[] interfaces) => new(
        new AgentCard { Name = "x", SupportedInterfaces = { interfaces.Select(one => new AgentInterface { ProtocolBinding = one.Binding, ProtocolVersion = one.Version, Url = one.Url }) } },
        new Uri("https://a.example/.well-known/agent-card.json"), A2aVersion.V1, default);

    private Task<ResolvedCard> ResolveAsync(string address) => new CardResolver(_invoker, new A2aClientOptions()).ResolveAsync(new Uri(address), CancellationToken.None);

    /// <summary>Files by their address.</summary>
    private sealed class Pages : HttpMessageHandler
    {
        public Dictionary<string, byte[]> Answers { get; } = [];

        public string Type { get; set; } = "application/json";

        public IReadOnlyList<string> LastHeaders { get; private set; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            LastHeaders = [.. request.Headers.Select(header => header.Key)];
            return Task.FromResult(Answers.TryGetValue(request.RequestUri!.ToString(), out var body)
                ? A2aDouble.Response(HttpStatusCode.OK, Type, body)
                : A2aDouble.Response(HttpStatusCode.NotFound, "text/plain", "no"u8.ToArray()));
        }
    }
}
