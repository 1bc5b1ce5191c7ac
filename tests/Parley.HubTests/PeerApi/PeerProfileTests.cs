using System.Net;
using System.Text;
using Parley.Client.PeerApi.Asking;
using Parley.Client.PeerApi.Entries;
using Parley.Client.PeerApi.Serving;
using Parley.Client.Responders;
using Parley.Testing;

namespace Parley.HubTests.PeerApi;

/// <summary>Profiles of older makes, and what a peer may do, through the whole door.</summary>
public sealed class PeerProfileTests
{
    private const string Question = """{"model":"default","messages":[{"role":"user","content":"hello"}]}""";
    private const string Abtars = ""","profile":"abtars-req-v1" """;
    private const string Hs256 = ""","profile":"jwt-hs256","token":"shared" """;

    [Fact]
    public async Task A_signed_request_is_answered_and_its_tag_comes_off()
    {
        await using var pair = await PeerPair.StartAsync(Echo(), Abtars);

        var reply = await pair.AskAsync("hello ", profile: PeerProfile.AbtarsReqV1);

        Assert.Equal(new PeerReply(PeerOutcome.Answered, "hello"), reply);
    }

    [Fact]
    public async Task S4_a_signed_request_that_was_overheard_does_not_serve_again()
    {
        await using var pair = await PeerPair.StartAsync(Echo(), Abtars);
        var head = pair.Prove("POST", "/v1/chat/completions", Question, PeerProfile.AbtarsReqV1);

        var first = await pair.SendAsync("POST", "/v1/chat/completions", Question, _ => head);
        var second = await pair.SendAsync("POST", "/v1/chat/completions", Question, _ => head);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (first.StatusCode, second.StatusCode));
        Assert.Equal("""{"error":{"message":"Invalid request signature","type":"authentication_error","code":"sig_invalid"}}""", await second.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A10_whoever_is_unknown_hears_what_a_wrong_signature_hears()
    {
        await using var pair = await PeerPair.StartAsync(Echo(), Abtars);
        var head = pair.Prove("POST", "/v1/chat/completions", Question, PeerProfile.AbtarsReqV1);

        var unknown = await pair.SendAsync("POST", "/v1/chat/completions", Question, _ => head with { PeerId = "nobody" });
        var wrong = await pair.SendAsync("POST", "/v1/chat/completions", Question, _ => head with { Signature = "AAAA" });

        Assert.Equal(await wrong.Content.ReadAsStringAsync(), await unknown.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task W3_W1_legacy_profiles_are_off_unless_pinned()
    {
        await using var pair = await PeerPair.StartAsync(Echo(), ""","token":"shared" """);

        var mac = await pair.AskAsync("x", profile: PeerProfile.JwtHs256, token: "shared");
        var signed = await pair.AskAsync("x", profile: PeerProfile.AbtarsReqV1);

        Assert.Equal((PeerOutcome.AuthFailed, PeerOutcome.AuthFailed), (mac.Outcome, signed.Outcome));
    }

    [Theory]
    [InlineData("hello", "signature_missing")]
    [InlineData("hello [sig:1750000000:AAAA]", "signature_invalid")]
    public async Task M1_W11_where_texts_must_be_signed_no_other_is_taken(string text, string code)
    {
        await using var pair = await PeerPair.StartAsync(Echo(), Hs256 + ""","mode":"signed" """);
        var question = Question.Replace("hello", text, StringComparison.Ordinal);
        var head = pair.Prove("POST", "/v1/chat/completions", question, PeerProfile.JwtHs256, "shared");

        var refused = await pair.SendAsync("POST", "/v1/chat/completions", question, _ => head);
        var taken = await pair.AskAsync("hello", profile: PeerProfile.JwtHs256, token: "shared", isTextSigned: true);

        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Contains($"\"code\":\"{code}\"", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("hello", taken.Text);
    }

    [Theory]
    [InlineData("\"ask\"", true)]
    [InlineData("\"ask:exec\"", true)]
    [InlineData("\"ask:openai\"", false)]
    [InlineData("\"card\"", false)]
    public async Task W2_a_peer_reaches_the_responders_that_it_may_ask(string allow, bool isAllowed)
    {
        await using var pair = await PeerPair.StartAsync(Echo(), $$""","allow":[{{allow}}]""", new PeerServerOptions { Responder = "exec" });

        var reply = await pair.AskAsync("x");

        Assert.Equal(isAllowed ? PeerOutcome.Answered : PeerOutcome.AuthFailed, reply.Outcome);
    }

    [Theory]
    [InlineData("", false, false)]
    [InlineData(""","allow":["ask","tool:peer_ask"]""", true, false)]
    [InlineData(""","allow":["ask","tools"]""", true, true)]
    public async Task X1_X5_W2_tools_are_not_on_offer_unless_the_entry_names_them(string allow, bool mayAsk, bool mayOther)
    {
        await using var pair = await PeerPair.StartAsync(
            DelegateResponder.OfText((request, _) => Task.FromResult($"{request.MayUseTool!("peer_ask")} {request.MayUseTool("files__read")}")), allow);

        var reply = await pair.AskAsync("x");

        Assert.Equal($"{mayAsk} {mayOther}", reply.Text);
    }

    [Theory]
    [InlineData("0", 429)]
    [InlineData("-1", 429)]
    [InlineData("1", 200)]
    [InlineData("abc", 200)]
    [InlineData(null, 200)]
    public async Task A8_a_spent_budget_of_an_older_peer_is_refused(string? hops, int status)
    {
        await using var pair = await PeerPair.StartAsync(Echo(), Hs256);
        var head = pair.Prove("POST", "/v1/chat/completions", Question, PeerProfile.JwtHs256, "shared") with { Hops = hops };

        var response = await pair.SendAsync("POST", "/v1/chat/completions", Question, _ => head);

        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task X3_two_peers_never_share_a_conversation()
    {
        await using var pair = await PeerPair.StartAsync(DelegateResponder.OfText((request, _) => Task.FromResult($"{request.From} {request.Thread}")));
        using var gamma = pair.Client("gamma");

        var ofAlpha = await pair.AskAsync("x", session: "one");
        var ofGamma = await gamma.AskAsync("x", 5, "one", TimeSpan.FromSeconds(30), CancellationToken.None);

        Assert.Equal(("peer:alpha one", "peer:gamma one"), (ofAlpha.Text, ofGamma.Text));
    }

    [Fact]
    public async Task A_callers_own_tools_are_refused_not_dropped()
    {
        await using var pair = await PeerPair.StartAsync(Echo());

        var refused = await pair.SendAsync("POST", "/v1/chat/completions", Question.Replace("{\"model\"", "{\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}],\"model\"", StringComparison.Ordinal));

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
    }

    private static DelegateResponder Echo() => DelegateResponder.OfText((request, _) => Task.FromResult(Encoding.UTF8.GetString(request.Content.Bytes.Span)));
}
