namespace Parley.HubTests.Rooms;

public sealed class RoomRateHttpTests
{
    [Fact]
    public async Task The_eleventh_registration_of_an_hour_is_refused_with_the_time_to_wait()
    {
        await using var http = await RoomHttp.StartAsync(options => options.Rooms.AreRatesLimited = true);
        for (var number = 0; number < 10; number++)
        {
            Assert.Equal(200, (await http.PostAsync("/register")).Status);
        }

        var refused = await http.PostAsync("/register");

        Assert.Equal("""429 {"error":"Too many registrations from this IP. Try again later."}""", refused.Line);
        Assert.InRange(refused.RetryAfter!.Value.TotalSeconds, 1, 3600);
    }

    [Fact]
    public async Task A_send_beyond_its_rate_is_slowed_and_never_refused()
    {
        await using var http = await RoomHttp.StartAsync(options => (options.Rooms.AreRatesLimited, options.Rooms.CallsPerMinute) = (true, 120));
        var (host, _) = await http.PairAsync();
        var filler = new string('x', 60);
        var started = TimeProvider.System.GetTimestamp();

        for (var number = 0; number < 122; number++)
        {
            Assert.Equal("200 DELIVERED", (await http.SendAsync(host, filler)).Line);
        }

        Assert.True(TimeProvider.System.GetElapsedTime(started) > TimeSpan.FromSeconds(0.4));
    }

    [Fact]
    public async Task A_proxy_that_is_not_named_cannot_say_who_calls()
    {
        await using var http = await RoomHttp.StartAsync(options => (options.Rooms.AreRatesLimited, options.Rooms.RegistrationsPerHour) = (true, 1));

        Assert.Equal(200, (await RegisterAsync(http, "192.0.2.1")).Status);
        Assert.Equal(429, (await RegisterAsync(http, "192.0.2.2")).Status);
    }

    [Fact]
    public async Task One_that_is_can_and_what_its_client_claims_does_not_count()
    {
        await using var http = await RoomHttp.StartAsync(options =>
        {
            (options.Rooms.AreRatesLimited, options.Rooms.RegistrationsPerHour) = (true, 1);
            options.TrustedProxies = ["127.0.0.0/8", "10.1.2.3"];
        });

        Assert.Equal(200, (await RegisterAsync(http, "192.0.2.1")).Status);
        Assert.Equal(200, (await RegisterAsync(http, "192.0.2.2")).Status);
        Assert.Equal(429, (await RegisterAsync(http, "198.51.100.9, 192.0.2.2")).Status);
        Assert.Equal(429, (await RegisterAsync(http, "192.0.2.2, 10.1.2.3")).Status);
    }

    private static Task<Answer> RegisterAsync(RoomHttp http, string forwardedFor) =>
        http.CallAsync(HttpMethod.Post, "/register", null, null, ("X-Forwarded-For", forwardedFor));
}
