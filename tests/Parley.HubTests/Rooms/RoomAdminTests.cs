using Parley.Hub.Rooms;

namespace Parley.HubTests.Rooms;

public sealed class RoomAdminTests
{
    private const string Ok = """200 {"ok":true}""";

    [Fact]
    public async Task Without_a_token_in_the_settings_the_routes_look_absent_but_to_the_admin_key()
    {
        await using var http = await RoomHttp.StartAsync();

        Assert.Equal("""404 {"error":"Not found"}""", (await http.PostAsync("/admin/drain")).Line);
        Assert.Equal("""404 {"error":"Not found"}""", (await http.PostAsync("/admin/invalidate", "wrong")).Line);
        Assert.Equal(Ok, (await http.PostJsonAsync("/admin/drain", """{"enabled":false}""", http.Hub.AdminKey)).Line);
    }

    [Fact]
    public async Task With_one_a_wrong_token_is_forbidden()
    {
        await using var http = await RoomHttp.StartAsync(options => options.Rooms.AdminToken = "let-me-in-please");

        Assert.Equal("""403 {"error":"Forbidden"}""", (await http.PostAsync("/admin/drain", "wrong")).Line);
        Assert.Equal("""403 {"error":"Forbidden"}""", (await http.PostAsync("/admin/invalidate")).Line);
        Assert.Equal(Ok, (await http.PostJsonAsync("/admin/drain", """{"enabled":false}""", "let-me-in-please")).Line);
    }

    [Fact]
    public async Task Guessing_admin_tokens_is_slow()
    {
        await using var http = await RoomHttp.StartAsync(options => options.Rooms.AdminToken = "let-me-in-please");
        for (var attempt = 0; attempt < 30; attempt++)
        {
            await http.PostAsync("/admin/drain", "wrong");
        }

        Assert.Equal(429, (await http.PostAsync("/admin/drain", "let-me-in-please")).Status);
    }

    [Fact]
    public async Task A_drained_hub_says_so_and_lets_talks_go_on()
    {
        await using var http = await RoomHttp.StartAsync();
        var (host, joiner) = await http.PairAsync();
        const string draining = """503 {"error":"Broker is draining. Try again later."}""";
        Assert.Equal("""200 {"status":"ready"}""", (await http.CallAsync(HttpMethod.Get, "/ready")).Line);

        Assert.Equal(Ok, (await http.PostAsync("/admin/drain", http.Hub.AdminKey)).Line);

        Assert.Equal("""503 {"status":"draining"}""", (await http.CallAsync(HttpMethod.Get, "/ready")).Line);
        Assert.Equal(draining, (await http.PostAsync("/register")).Line);
        Assert.Equal(draining, (await http.PostJsonAsync("/setup", """{"type":"standard"}""")).Line);
        Assert.Equal(draining, (await http.PostAsync("/create", host)).Line);
        Assert.Equal(draining, (await http.PostAsync("/listen", host)).Line);
        Assert.Equal(draining, (await http.PostAsync("/join/invite_0", host)).Line);
        Assert.Equal(draining, (await http.PostAsync("/register-and-join/invite_0")).Line);
        Assert.Equal(draining, (await http.PostJsonAsync("/room-rule/headless", """{"headless":true}""", host)).Line);
        Assert.Equal("200 DELIVERED", (await http.SendAsync(host, "hello")).Line);
        Assert.Contains("│ hello\n", (await http.WaitAsync(joiner)).Body);
        Assert.Equal(200, (await http.PingAsync(host)).Status);
        Assert.Equal(Ok, (await http.PostAsync("/leave", joiner)).Line);
    }

    [Theory]
    [InlineData("token")]
    [InlineData("roomName")]
    public async Task Invalidating_wakes_who_waits(string by)
    {
        await using var http = await RoomHttp.StartAsync();
        var opened = (await http.PostJsonAsync("/setup", """{"type":"standard"}""")).Body;
        var (host, room) = (RoomHttp.TokenIn(opened), System.Text.RegularExpressions.Regex.Match(opened, "room_[a-f0-9]+").Value);
        var waiting = http.WaitAsync(host);
        await http.UntilParkedAsync();
        var wish = $$"""{"{{by}}":"{{(by == "token" ? host : room)}}"}""";

        Assert.Equal(Ok, (await http.PostJsonAsync("/admin/invalidate", wish, http.Hub.AdminKey)).Line);

        Assert.Equal($"MESSAGE_RECEIVED\n{RoomNotices.Policy}\n", (await waiting).Body);
        Assert.Equal("""404 {"error":"Not found"}""", (await http.PostJsonAsync("/admin/invalidate", wish, http.Hub.AdminKey)).Line);
        Assert.Equal(404, (await http.PostAsync($"/register-and-join/{RoomHttp.CodeIn(opened)}")).Status);
    }

    [Fact]
    public async Task Acts_on_rooms_are_in_the_audit_without_what_opens_a_room()
    {
        await using var http = await RoomHttp.StartAsync(options => options.Rooms.AdminToken = "let-me-in-please");
        var opened = (await http.PostJsonAsync("/setup", """{"type":"standard"}""")).Body;
        var token = RoomHttp.TokenIn(opened);

        await http.PostJsonAsync("/admin/invalidate", $$"""{"token":"{{token}}"}""", http.Hub.AdminKey);
        await http.PostAsync("/admin/drain", "let-me-in-please");
        await http.PostJsonAsync("/admin/drain", """{"enabled":false}""", http.Hub.AdminKey);
        await http.PostAsync("/admin/drain", "wrong");
        var audit = await http.Hub.Admin.GetStringAsync("/api/audit");

        using var json = System.Text.Json.JsonDocument.Parse(audit);
        Assert.Equal(
            [("admin", "rooms.drain", "off"), ("ADMIN_TOKEN", "rooms.drain", "on"), ("admin", "rooms.invalidate", "token")],
            json.RootElement.GetProperty("data").EnumerateArray().Select(row => (row.GetProperty("actor").GetString(), row.GetProperty("act").GetString(), row.GetProperty("target").GetString())));
        Assert.DoesNotContain(token, audit, StringComparison.Ordinal);
        Assert.DoesNotContain("let-me-in", audit, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"token":"a","code":"b"}""")]
    [InlineData("""{"token":7}""")]
    [InlineData("[]")]
    public async Task Exactly_one_target_is_named(string wish)
    {
        await using var http = await RoomHttp.StartAsync();

        Assert.Equal("""400 {"error":"Exactly one invalidation target is required"}""", (await http.PostJsonAsync("/admin/invalidate", wish, http.Hub.AdminKey)).Line);
    }

    [Fact]
    public async Task A_hub_that_stops_answers_parked_waits_and_rooms_are_gone_when_it_is_back()
    {
        await using var first = await RoomHttp.StartAsync();
        var (host, _) = await first.PairAsync();
        var waiting = first.WaitAsync(host);
        await first.UntilParkedAsync();

        await first.Hub.Hub.StopAsync(CancellationToken.None);

        Assert.Equal($"MESSAGE_RECEIVED\n{RoomNotices.Draining}\n", (await waiting).Body);
        await using var second = await RoomHttp.StartAsync(options => File.Copy(Path.Combine(first.Hub.DataFolder, "rooms.key"), Path.Combine(options.DataFolder, "rooms.key")));
        Assert.Equal("""400 {"error":"Not in a room"}""", (await second.WaitAsync(host)).Line);
        Assert.Equal("""400 {"error":"Not in a room"}""", (await second.PingAsync(host)).Line);
    }
}
