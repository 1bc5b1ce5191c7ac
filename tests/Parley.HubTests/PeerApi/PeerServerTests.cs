using System.Net;
using System.Text;
using Parley.Client.PeerApi.Asking;
using Parley.Client.Responders;
using Parley.Crypto.Tls;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.HubTests.PeerApi;

public sealed class PeerServerTests
{
    private const string Question = """{"model":"default","messages":[{"role":"user","content":"hello"}]}""";

    [Fact]
    public async Task P1_an_answer_arrives_word_for_word_marked_with_who_asked()
    {
        await using var pair = await PeerPair.StartAsync(Echo(), ""","trust":2,"labels":{"site":"mac"}""");

        var reply = await pair.AskAsync("  größer \"x\"\n", hops: 5, session: "s1");

        Assert.Equal(new PeerReply(PeerOutcome.Answered, "peer:alpha s1 4 2 mac:   größer \"x\"\n"), reply);
    }

    [Fact]
    public async Task A_stream_brings_the_pieces_and_the_end()
    {
        await using var pair = await PeerPair.StartAsync(new DelegateResponder((_, _) => PiecesAsync()));

        var response = await pair.SendAsync("POST", "/v1/chat/completions", Question.Replace("{\"model\"", "{\"stream\":true,\"model\"", StringComparison.Ordinal));
        var text = await response.Content.ReadAsStringAsync();

        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        Assert.Contains("\"content\":\"grö\"", text, StringComparison.Ordinal);
        Assert.Contains("\"content\":\"ßer\"", text, StringComparison.Ordinal);
        Assert.EndsWith("data: [DONE]\n\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Models_card_and_health_are_told()
    {
        await using var pair = await PeerPair.StartAsync(Echo());
        using var client = pair.Client();

        var card = await client.ReadCardAsync(TimeSpan.FromSeconds(10), CancellationToken.None);
        var models = await (await pair.SendAsync("GET", "/v1/models", "")).Content.ReadAsStringAsync();
        var health = await (await pair.SendAsync("GET", "/health", "", head => head with { Authorization = null })).Content.ReadAsStringAsync();

        Assert.Contains("\"name\":\"beta\"", card.Text, StringComparison.Ordinal);
        Assert.Contains("\"id\":\"default\"", models, StringComparison.Ordinal);
        Assert.Equal("""{"status":"ok"}""", health);
    }

    [Theory]
    [InlineData("GET", "/v1/models")]
    [InlineData("GET", "/v1/agent-card")]
    [InlineData("POST", "/v1/chat/completions")]
    public async Task A1_W4_no_route_but_health_answers_a_stranger(string method, string path)
    {
        await using var pair = await PeerPair.StartAsync(Echo());

        var missing = await pair.SendAsync(method, path, "", head => head with { Authorization = null });
        var wrong = await pair.SendAsync(method, path, "", head => head with { Authorization = "Bearer a.b.c" });

        Assert.Equal((401, """{"error":{"message":"Missing bearer token","type":"authentication_error","code":"invalid_api_key"}}"""), ((int)missing.StatusCode, await missing.Content.ReadAsStringAsync()));
        Assert.Equal((401, """{"error":{"message":"Invalid bearer token","type":"authentication_error","code":"invalid_api_key"}}"""), ((int)wrong.StatusCode, await wrong.Content.ReadAsStringAsync()));
    }

    [Theory]
    [InlineData("{", 400, "invalid_body")]
    [InlineData("null", 400, "invalid_messages")]
    [InlineData("""{"model":"default"}""", 400, "invalid_messages")]
    [InlineData("""{"model":"default","messages":[{"role":"king","content":"x"}]}""", 400, "invalid_messages")]
    [InlineData("""{"model":"default","messages":[{"role":"user","content":"  "}]}""", 400, "empty_prompt")]
    public async Task A4_A5_W12_a_wrong_body_is_named(string body, int status, string code)
    {
        await using var pair = await PeerPair.StartAsync(Echo());

        var response = await pair.SendAsync("POST", "/v1/chat/completions", body);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Contains($"\"code\":\"{code}\"", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A1_A3_a_large_body_and_an_unknown_route_are_refused()
    {
        await using var pair = await PeerPair.StartAsync(Echo());

        var large = await pair.SendAsync("POST", "/v1/chat/completions", new string(' ', 5000));
        var unknown = await pair.SendAsync("GET", "/v1/tasks/x/y", "");

        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, HttpStatusCode.NotFound), (large.StatusCode, unknown.StatusCode));
    }

    [Fact]
    public async Task J5_W3_a_request_that_was_overheard_does_not_serve_again()
    {
        await using var pair = await PeerPair.StartAsync(Echo());
        string? token = null;

        var first = await pair.SendAsync("POST", "/v1/chat/completions", Question, head => { token = head.Authorization; return head; });
        var second = await pair.SendAsync("POST", "/v1/chat/completions", Question, head => head with { Authorization = token });

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (first.StatusCode, second.StatusCode));
    }

    [Fact]
    public async Task W6_a_rate_and_a_circle_are_told_apart()
    {
        await using var pair = await PeerPair.StartAsync(Echo(), ""","rate":1""");

        var spent = await pair.SendAsync("POST", "/v1/chat/completions", Question, head => head);
        var rate = await pair.AskAsync("again");
        var circle = await pair.AskAsync("x", hops: 0);

        Assert.Equal(HttpStatusCode.OK, spent.StatusCode);
        Assert.Equal(PeerOutcome.RateLimited, rate.Outcome);
        Assert.InRange(rate.RetryAfter!.Value.TotalSeconds, 3590, 3600);
        Assert.Equal(PeerOutcome.HopExceeded, circle.Outcome);
    }

    [Fact]
    public async Task A_right_that_is_not_given_is_refused()
    {
        await using var pair = await PeerPair.StartAsync(Echo(), ""","allow":["card"]""");

        var ask = await pair.AskAsync("x");
        var models = await pair.SendAsync("GET", "/v1/models", "");

        Assert.Equal((PeerOutcome.AuthFailed, HttpStatusCode.Forbidden), (ask.Outcome, models.StatusCode));
    }

    [Fact]
    public async Task W10_a_peer_that_is_removed_is_refused_at_once()
    {
        await using var pair = await PeerPair.StartAsync(Echo());
        var before = await pair.AskAsync("x");

        pair.WritePeers("", knowsAlpha: false);

        Assert.Equal((PeerOutcome.Answered, PeerOutcome.AuthFailed), (before.Outcome, (await pair.AskAsync("x")).Outcome));
    }

    [Fact]
    public async Task A_peer_with_a_secret_owes_both_proofs()
    {
        await using var pair = await PeerPair.StartAsync(Echo(), ""","token":"shared" """);

        var one = await pair.AskAsync("x");
        var both = await pair.AskAsync("x", token: "shared");

        Assert.Equal((PeerOutcome.AuthFailed, PeerOutcome.Answered), (one.Outcome, both.Outcome));
    }

    [Fact]
    public async Task Another_certificate_gets_no_request()
    {
        await using var pair = await PeerPair.StartAsync(Echo());

        var reply = await pair.AskAsync("x", pin: CertificatePin.OfKeyHash(new byte[32]));

        Assert.Equal(PeerOutcome.PinMismatch, reply.Outcome);
        Assert.DoesNotContain(pair.Log.Lines, line => line.Text.Contains("asked", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_client_that_goes_away_cancels_nothing()
    {
        var held = new HeldAnswer("done");
        var (time, timeout) = (new FakeTimeProvider(TimeProvider.System.GetUtcNow()), TimeSpan.FromMinutes(1));
        await using var pair = await PeerPair.StartAsync(held.Responder, time: time);

        var asking = pair.AskAsync("x", timeout: timeout);
        await held.Asked;
        time.Advance(timeout);
        var reply = await asking.WaitAsync(Deadline.Shared);
        held.Release();

        Assert.Equal(PeerOutcome.Timeout, reply.Outcome);
        Assert.False(await held.WasCancelled);
    }

    [Fact]
    public async Task A_failure_of_the_responder_is_told_as_one()
    {
        await using var pair = await PeerPair.StartAsync(DelegateResponder.OfText((_, _) => throw new ParleyException(ErrorCode.ResponderFailed, "It broke.")));

        var reply = await pair.AskAsync("x");

        Assert.Equal(PeerOutcome.PeerError, reply.Outcome);
        Assert.Contains("It broke.", reply.Text, StringComparison.Ordinal);
    }

    private static DelegateResponder Echo() => DelegateResponder.OfText((request, _) => Task.FromResult(
        $"{request.From} {request.Thread} {request.Meta["peer_hops"]} {request.Meta["peer_trust"]} {request.Meta.GetValueOrDefault("peer_label.site")}: {Encoding.UTF8.GetString(request.Content.Bytes.Span)}"));

    private static async IAsyncEnumerable<ResponderEvent> PiecesAsync()
    {
        yield return new ResponderEvent.Text("grö", IsDelta: true);
        await Task.Yield();
        yield return new ResponderEvent.Text("ßer", IsDelta: true);
        yield return new ResponderEvent.Completed();
    }
}
