using System.Net;
using System.Text;
using Parley.Hub.Connections.Webhooks;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.Tests.Connections;

public sealed class WebhookRulesTests
{
    private static readonly DateTimeOffset _at = DateTimeOffset.FromUnixTimeSeconds(1614265330);
    private static readonly byte[] _body = Encoding.UTF8.GetBytes("{\"test\": 2432232314}");

    [Fact]
    public void The_signature_is_the_one_of_the_standard()
    {
        var secret = WebhookSecret.Read("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");

        var signature = WebhookSignature.Sign([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", _at, _body);

        Assert.Equal("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", signature);
    }

    [Fact]
    public void While_a_secret_is_rotated_both_sign_and_each_verifies()
    {
        var (older, newer) = (WebhookSecret.Read("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), WebhookSecret.Read(WebhookSecret.Make(SeededRandom.Source(1))));

        var signatures = WebhookSignature.Sign([newer, older], "msg_1", _at, _body);

        Assert.Equal(2, signatures.Split(' ').Length);
        WebhookSignature.Verify([older], "msg_1", "1614265330", signatures, _at, _body);
        WebhookSignature.Verify([newer], "msg_1", "1614265330", signatures, _at, _body);
    }

    [Theory]
    [InlineData("msg_2", "1614265330", 0)]
    [InlineData("msg_1", "1614265331", 0)]
    [InlineData("msg_1", "1614265330", 301)]
    [InlineData("msg_1", "1614265330", -301)]
    [InlineData("msg_1", "", 0)]
    [InlineData("", "1614265330", 0)]
    [InlineData("msg.1", "1614265330", 0)]
    public void Another_id_another_time_or_an_old_one_is_refused(string id, string timestamp, int secondsLater)
    {
        var secret = WebhookSecret.Read("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        var signature = WebhookSignature.Sign([secret], "msg_1", _at, _body);

        var refusal = Assert.Throws<ParleyException>(() => WebhookSignature.Verify([secret], id, timestamp, signature, _at.AddSeconds(secondsLater), _body));

        Assert.Equal(ErrorCode.Unauthenticated, refusal.Code);
    }

    [Fact]
    public void Headers_of_strangers_never_verify_and_never_fail_in_another_way()
    {
        var secret = WebhookSecret.Read("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        Fuzz.Run(4200, Fuzz.Count, random => new string([.. Enumerable.Range(0, random.Next(120)).Select(_ => "v1, =AZaz09+/.\u00e9\0"[random.Next(16)])]), text =>
            Assert.Throws<ParleyException>(() => WebhookSignature.Verify([secret], "msg_1", "1614265330", "v1," + text, _at, _body)));
    }

    [Theory]
    [InlineData("whsec_")]
    [InlineData("whsec_c2hvcnQ=")]
    [InlineData("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    [InlineData("whsec_not base64 at all, but long enough for it")]
    public void What_is_no_secret_is_refused(string text) => Assert.Throws<ParleyException>(() => WebhookSecret.Read(text));

    [Theory]
    [InlineData(200, "Taken")]
    [InlineData(204, "Taken")]
    [InlineData(302, "Again")]
    [InlineData(400, "Again")]
    [InlineData(404, "Again")]
    [InlineData(410, "Gone")]
    [InlineData(429, "Again")]
    [InlineData(500, "Again")]
    public void An_answer_decides_by_its_status(int status, string fate)
    {
        using var response = new HttpResponseMessage((HttpStatusCode)status);

        Assert.Equal(fate, WebhookVerdict.Of(response, _at).Fate.ToString());
    }

    [Theory]
    [InlineData("disable", 200, "Gone")]
    [InlineData("disable", 500, "Gone")]
    [InlineData("abort-message", 422, "Never")]
    [InlineData("abort-message", 200, "Taken")]
    [InlineData("something-new", 500, "Again")]
    public void The_header_webhook_delivery_is_heeded(string word, int status, string fate)
    {
        using var response = new HttpResponseMessage((HttpStatusCode)status);
        response.Headers.Add("webhook-delivery", word);

        Assert.Equal(fate, WebhookVerdict.Of(response, _at).Fate.ToString());
    }

    [Fact]
    public void The_waits_grow_over_three_days_with_a_fifth_of_jitter()
    {
        var failed = WebhookVerdict.Failed("x");
        var random = SeededRandom.Source(7);
        double[] seconds = [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400];

        foreach (var round in Enumerable.Range(0, 100))
        {
            for (var attempt = 1; attempt <= seconds.Length; attempt++)
            {
                var wait = RetrySchedule.After(attempt, RetrySchedule.MaxAttempts, failed, random)!.Value.TotalSeconds;
                Assert.InRange(wait, seconds[attempt - 1] * 0.799, seconds[attempt - 1] * 1.201);
            }
        }

        Assert.Null(RetrySchedule.After(10, RetrySchedule.MaxAttempts, failed, random));
    }

    [Fact]
    public void A_receivers_wish_is_heeded_when_it_is_longer_and_up_to_a_day()
    {
        var random = SeededRandom.Source(7);
        TimeSpan? After(TimeSpan wish) => RetrySchedule.After(1, 10, new WebhookVerdict(WebhookFate.Again, 503, "x", wish), random);

        Assert.Equal(TimeSpan.FromMinutes(20), After(TimeSpan.FromMinutes(20)));
        Assert.Equal(TimeSpan.FromHours(24), After(TimeSpan.FromDays(400)));
        Assert.True(After(TimeSpan.FromSeconds(1)) > TimeSpan.FromSeconds(3));
        Assert.True(After(TimeSpan.FromSeconds(-9)) > TimeSpan.FromSeconds(3));
    }

    [Fact]
    public void A_receiver_with_too_much_to_do_is_left_alone_for_a_minute()
    {
        using var response = new HttpResponseMessage(HttpStatusCode.TooManyRequests);

        var wait = RetrySchedule.After(1, 10, WebhookVerdict.Of(response, _at), SeededRandom.Source(3));

        Assert.InRange(wait!.Value.TotalSeconds, 47, 73);
    }

    [Fact]
    public void After_ten_failures_in_a_row_one_at_a_time_tries_whether_it_is_back()
    {
        var breaker = new EndpointBreaker();
        for (var failure = 0; failure < 9; failure++)
        {
            breaker.Failed(_at);
        }

        Assert.Equal(16, breaker.Room(16, _at));
        breaker.Failed(_at);
        Assert.Equal(0, breaker.Room(16, _at.AddSeconds(29)));
        Assert.Equal(1, breaker.Room(16, _at.AddSeconds(30)));
        breaker.Failed(_at.AddSeconds(30));
        Assert.Equal(0, breaker.Room(16, _at.AddSeconds(89)));
        breaker.Succeeded();
        Assert.Equal(16, breaker.Room(16, _at.AddSeconds(89)));
    }

    [Fact]
    public void A_header_that_is_the_hubs_own_or_ends_the_line_is_refused()
    {
        Assert.Throws<ParleyException>(() => WebhookHeaders.Check(new Dictionary<string, string> { ["Webhook-Id"] = "x" }));
        Assert.Throws<ParleyException>(() => WebhookHeaders.Check(new Dictionary<string, string> { ["Host"] = "x" }));
        Assert.Throws<ParleyException>(() => WebhookHeaders.Check(new Dictionary<string, string> { ["X-Good"] = "a\r\nX-Bad: b" }));
        WebhookHeaders.Check(new Dictionary<string, string> { ["X-Good"] = "{{secrets.token}}" });
    }
}
