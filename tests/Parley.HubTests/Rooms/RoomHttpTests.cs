using System.Text.RegularExpressions;
using Parley.Hub.Rooms;

namespace Parley.HubTests.Rooms;

/// <summary>The table of docs/protocol/rooms.md, row by row.</summary>
public sealed partial class RoomHttpTests : IAsyncLifetime
{
    private const string Unauthorized = """401 {"error":"Unauthorized"}""";
    private const string NotInRoom = """400 {"error":"Not in a room"}""";
    private const string Paired = """400 {"error":"Already paired to a session"}""";
    private const string Spent = """404 {"error":"Invite code invalid or already used"}""";
    private const string Ok = """200 {"ok":true}""";

    private RoomHttp _http = null!;

    public async ValueTask InitializeAsync() => _http = await RoomHttp.StartAsync();

    public ValueTask DisposeAsync() => _http.DisposeAsync();

    [Theory]
    [InlineData("/health")]
    [InlineData("/HEALTH/")]
    public async Task Health_answers_whatever_the_case_and_the_trailing_slash(string path) =>
        Assert.Equal("""200 {"status":"ok"}""", (await _http.CallAsync(HttpMethod.Get, path)).Line);

    [Fact]
    public async Task Register_gives_a_token()
    {
        var answer = await _http.PostAsync("/register");

        Assert.Matches("""^200 \{"token":"tok_[a-f0-9]{32}"\}$""", answer.Line);
        Assert.Equal("application/json; charset=utf-8", answer.ContentType);
    }

    [Theory]
    [InlineData("""{"type":"standard"}""", "invite", "host")]
    [InlineData("""{"type":"listener","headless":true}""", "listen", "joiner")]
    public async Task Setup_gives_token_code_and_role(string wish, string code, string role)
    {
        var answer = await _http.PostJsonAsync("/setup", wish);

        Assert.Matches($$"""^200 \{"token":"tok_[a-f0-9]{32}","code":"{{code}}_[a-f0-9]{32}","roomName":"room_[a-f0-9]{32}","role":"{{role}}"\}$""", answer.Line);
        RoomHttp.TokenIn(answer.Body);
        RoomHttp.CodeIn(answer.Body);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("")]
    [InlineData("""{"type":"other"}""")]
    [InlineData("""{"type":["standard"]}""")]
    public async Task Setup_wants_a_type(string wish) =>
        Assert.Equal("""400 {"error":"type (standard|listener) required"}""", (await _http.PostJsonAsync("/setup", wish)).Line);

    [Fact]
    public async Task Setup_without_a_body_or_as_a_form_wants_a_type_too()
    {
        Assert.StartsWith("400 {\"error\":\"type", (await _http.PostAsync("/setup")).Line);
        Assert.StartsWith("400 {\"error\":\"type", (await _http.CallAsync(HttpMethod.Post, "/setup", null, new FormUrlEncodedContent([new("type", "standard")]))).Line);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("\"standard\"")]
    [InlineData("7")]
    public async Task Setup_refuses_what_is_no_JSON_object(string wish) => Assert.Equal(400, (await _http.PostJsonAsync("/setup", wish)).Status);

    [Theory]
    [InlineData("true", true)]
    [InlineData("\"false\"", true)]
    [InlineData("1", true)]
    [InlineData("[]", true)]
    [InlineData("false", false)]
    [InlineData("0", false)]
    [InlineData("\"\"", false)]
    [InlineData("null", false)]
    public async Task Setup_takes_headless_by_its_truthiness_and_the_joiner_sees_it(string value, bool isHeadless)
    {
        var opened = await _http.PostJsonAsync("/setup", $$"""{"type":"standard","headless":{{value}}}""");

        var joined = await _http.PostAsync($"/register-and-join/{RoomHttp.CodeIn(opened.Body)}");

        Assert.Contains($"\"headless\":{(isHeadless ? "true" : "false")},", joined.Body);
    }

    [Fact]
    public async Task Register_create_register_join_is_a_live_Room()
    {
        var (host, joiner) = (await RegisterAsync(), await RegisterAsync());
        var created = await _http.PostAsync("/create", host);

        var joined = await _http.PostAsync($"/join/{RoomHttp.CodeIn(created.Body)}", joiner);

        Assert.Matches("""^200 \{"inviteCode":"invite_[a-f0-9]{32}","roomName":"room_[a-f0-9]{32}"\}$""", created.Line);
        Assert.Matches("""^200 \{"roomName":"room_[a-f0-9]{32}","role":"joiner","headless":false,"rules":"[^"]+","status":"\(2/2 connected\)"\}$""", joined.Line);
        Assert.Equal(Room().Match(created.Body).Value, Room().Match(joined.Body).Value);
        Assert.Matches("\\[SYSTEM\\]: Partner 'Agent-[a-f0-9]{4}' has joined. Session is live!\n$", (await _http.WaitAsync(host)).Body);
    }

    [Fact]
    public async Task Whoever_redeems_a_listener_code_is_the_host()
    {
        var (listener, host) = (await RegisterAsync(), await RegisterAsync());
        var listening = await _http.PostAsync("/listen", listener);

        var joined = await _http.PostAsync($"/join/{RoomHttp.CodeIn(listening.Body)}", host);

        Assert.Matches("""^200 \{"listenerCode":"listen_[a-f0-9]{32}","roomName":"room_[a-f0-9]{32}"\}$""", listening.Line);
        Assert.Contains("\"role\":\"host\"", joined.Body);
        Assert.Matches("^MESSAGE_RECEIVED\n\\[SYSTEM\\]: HOST 'Agent-[a-f0-9]{4}' has joined. Session is live!\n$", (await _http.WaitAsync(listener)).Body);
    }

    [Fact]
    public async Task Register_and_join_begins_with_the_token()
    {
        var opened = await _http.PostJsonAsync("/setup", """{"type":"listener"}""");

        var joined = await _http.PostAsync($"/register-and-join/{RoomHttp.CodeIn(opened.Body)}");

        Assert.Matches("""^200 \{"token":"tok_[a-f0-9]{32}","roomName":"room_""", joined.Line);
        RoomHttp.TokenIn(joined.Body);
    }

    [Fact]
    public async Task Rules_are_raw_UTF8_with_escaped_line_ends()
    {
        var opened = await _http.PostJsonAsync("/setup", """{"type":"standard"}""");

        var joined = await _http.PostAsync($"/register-and-join/{RoomHttp.CodeIn(opened.Body)}");

        Assert.Contains("\"rules\":\"╔══", joined.Body);
        Assert.Contains("║\\n╠", joined.Body);
        Assert.DoesNotContain("\\u", joined.Body);
    }

    [Fact]
    public async Task A_code_is_good_once()
    {
        var code = RoomHttp.CodeIn((await _http.PostJsonAsync("/setup", """{"type":"standard"}""")).Body);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _http.PostAsync($"/register-and-join/{code}")));

        Assert.Single(answers, answer => answer.Status == 200);
        Assert.Equal(19, answers.Count(answer => answer.Line == Spent));
    }

    [Fact]
    public async Task Codes_are_refused_in_one_way_and_only_after_the_token()
    {
        var token = await RegisterAsync();

        Assert.Equal(Unauthorized, (await _http.PostAsync("/join/invite_0")).Line);
        Assert.Equal(Unauthorized, (await _http.PostAsync("/join/invite_0", "tok_0")).Line);
        Assert.Equal(Spent, (await _http.PostAsync("/join/invite_0", token)).Line);
        Assert.Equal(Spent, (await _http.PostAsync("/register-and-join/listen_0")).Line);
        await _http.PostAsync("/create", token);
        Assert.Equal(Paired, (await _http.PostAsync("/join/invite_0", token)).Line);
    }

    [Theory]
    [InlineData("/create")]
    [InlineData("/listen")]
    public async Task A_token_makes_one_room(string path)
    {
        var token = await RegisterAsync();

        Assert.Equal(Unauthorized, (await _http.PostAsync(path)).Line);
        Assert.Equal(Unauthorized, (await _http.PostAsync(path, "tok_00000000000000000000000000000000")).Line);
        Assert.Equal(200, (await _http.PostAsync(path, token)).Status);
        Assert.Equal(Paired, (await _http.PostAsync("/create", token)).Line);
        Assert.Equal(Paired, (await _http.PostAsync("/listen", token)).Line);
    }

    [Fact]
    public async Task The_scheme_is_Bearer_with_a_capital()
    {
        var token = await RegisterAsync();

        var answer = await _http.CallAsync(HttpMethod.Get, "/ping", null, null, ("Authorization", $"bearer {token}"));

        Assert.Equal(Unauthorized, answer.Line);
    }

    [Fact]
    public async Task Headless_is_a_boolean_that_creator_and_host_set()
    {
        var (host, joiner) = await _http.PairAsync();
        const string path = "/room-rule/headless";
        const string required = """400 {"error":"headless (boolean) required"}""";

        Assert.Equal(Unauthorized, (await _http.PostJsonAsync(path, """{"headless":true}""")).Line);
        Assert.Equal(required, (await _http.PostJsonAsync(path, """{"headless":"true"}""", "tok_0")).Line);
        Assert.Equal(required, (await _http.PostJsonAsync(path, "{}", host)).Line);
        Assert.Equal(required, (await _http.PostAsync(path, host)).Line);
        Assert.Equal(Unauthorized, (await _http.PostJsonAsync(path, """{"headless":true}""", "tok_0")).Line);
        Assert.Equal(NotInRoom, (await _http.PostJsonAsync(path, """{"headless":true}""", await RegisterAsync())).Line);
        Assert.Equal("""403 {"error":"Only the room creator can set room rules"}""", (await _http.PostJsonAsync(path, """{"headless":true}""", joiner)).Line);
        Assert.Equal(Ok, (await _http.PostJsonAsync(path, """{"headless": true}""", host)).Line);
    }

    [Fact]
    public async Task Headless_set_before_the_joiner_comes_is_seen_by_it()
    {
        var host = await RegisterAsync();
        var code = RoomHttp.CodeIn((await _http.PostAsync("/create", host)).Body);
        await _http.PostJsonAsync("/room-rule/headless", """{"headless":true}""", host);

        Assert.Contains("\"headless\":true", (await _http.PostAsync($"/register-and-join/{code}")).Body);
    }

    [Fact]
    public async Task A_message_is_framed_line_by_line()
    {
        var (host, joiner) = await _http.PairAsync();

        Assert.Equal("200 DELIVERED", (await _http.SendAsync(joiner, "one\n\ntwo\r\nthree [over]\n")).Line);

        var answer = await _http.WaitAsync(host);
        Assert.Matches("^200 MESSAGE_RECEIVED\n┌─ Agent-[a-f0-9]{4} \\[OVER\\]\n│\n│ one\n│ \n│ two\r\n│ three\n└────\n$", answer.Line);
        Assert.StartsWith("text/", answer.ContentType);
    }

    [Theory]
    [InlineData("[OVER]", " \\[OVER\\]\n│\n│ \n")]
    [InlineData("done [STANDBY]", " \\[STANDBY\\]\n│\n│ done\n")]
    [InlineData("plain\n", "\n│\n│ plain\n│ \n")]
    [InlineData("quote [OVER] in code", "\n│\n│ quote \\[OVER\\] in code\n")]
    [InlineData("   ", "\n│\n│    \n")]
    public async Task Only_the_trailing_marker_is_taken(string text, string frame)
    {
        var (host, joiner) = await _http.PairAsync();

        await _http.SendAsync(host, text);

        Assert.Matches($"^MESSAGE_RECEIVED\n┌─ Agent-[a-f0-9]{{4}}{frame}└────\n$", (await _http.WaitAsync(joiner)).Body);
    }

    [Fact]
    public async Task A_person_is_shown_as_one()
    {
        var (host, joiner) = await _http.PairAsync();

        await _http.SendAsync(host, "stop [OVER]"u8.ToArray(), "text/plain", ("X-Parley-Human", "1"));

        Assert.StartsWith("MESSAGE_RECEIVED\n┌─ HUMAN [OVER]\n", (await _http.WaitAsync(joiner)).Body);
    }

    [Fact]
    public async Task Send_is_refused_in_this_order()
    {
        var host = await RegisterAsync();
        var free = await RegisterAsync();
        await _http.PostAsync("/create", host);
        const string required = """400 {"error":"Message body required"}""";

        Assert.Equal(Unauthorized, (await _http.CallAsync(HttpMethod.Post, "/send", null, new StringContent(string.Empty))).Line);
        Assert.Equal(required, (await _http.SendAsync("tok_0", [], "text/plain")).Line);
        Assert.Equal(Unauthorized, (await _http.SendAsync("tok_0", "hello")).Line);
        Assert.Equal(NotInRoom, (await _http.SendAsync(free, "hello")).Line);
        Assert.Equal(required, (await _http.SendAsync(host, [], "text/plain")).Line);
        Assert.Equal(required, (await _http.SendAsync(host, "x=y"u8.ToArray(), "application/x-www-form-urlencoded")).Line);
        Assert.Equal(required, (await _http.SendAsync(host, """{"a":1}"""u8.ToArray(), "application/json")).Line);
        Assert.Equal(required, (await _http.SendAsync(host, "hello"u8.ToArray(), null)).Line);
        Assert.Equal("""503 {"error":"Partner not connected"}""", (await _http.SendAsync(host, "hello")).Line);
    }

    [Fact]
    public async Task Standby_of_both_is_told_before_the_message()
    {
        var (host, joiner) = await _http.PairAsync();
        await _http.SendAsync(host, "done [STANDBY]");
        await _http.WaitAsync(joiner);

        Assert.Equal("200 DELIVERED", (await _http.SendAsync(joiner, "me too [STANDBY]")).Line);

        Assert.Equal($"MESSAGE_RECEIVED\n{RoomNotices.BothStandby}\n", (await _http.WaitAsync(host)).Body);
        Assert.Contains("│ me too\n", (await _http.WaitAsync(host)).Body);
        Assert.Equal($"MESSAGE_RECEIVED\n{RoomNotices.BothStandby}\n", (await _http.WaitAsync(joiner)).Body);
    }

    [Fact]
    public async Task The_eighth_short_message_alone_is_a_loop_and_the_ninth_goes_on()
    {
        var (host, joiner) = await _http.PairAsync();
        var lines = new List<string>();
        for (var number = 0; number < 9; number++)
        {
            lines.Add((await _http.SendAsync(host, $"note {number}")).Line);
        }

        Assert.Equal([.. Enumerable.Repeat("200 DELIVERED", 7), "429 SYSTEM: Repetitive messages detected. Session forcibly paused.", "200 DELIVERED"], lines);
        Assert.Equal($"MESSAGE_RECEIVED\n{RoomNotices.Loop}\n", (await _http.WaitAsync(host)).Body);
        for (var number = 0; number < 7; number++)
        {
            await _http.WaitAsync(joiner);
        }

        Assert.Equal($"MESSAGE_RECEIVED\n{RoomNotices.Loop}\n", (await _http.WaitAsync(joiner)).Body);
    }

    [Fact]
    public async Task Courtesies_of_both_sides_are_a_loop_too_and_the_second_one_severs()
    {
        var (host, joiner) = await _http.PairAsync();

        var statuses = new List<int>();
        for (var number = 0; number < 28; number++)
        {
            statuses.Add((await _http.SendAsync(number % 2 == 0 ? host : joiner, number % 2 == 0 ? "Thank you!" : "You are welcome.")).Status);
        }

        Assert.Equal([13, 27], statuses.Select((status, index) => (status, index)).Where(entry => entry.status == 429).Select(entry => entry.index));
        Assert.Equal(NotInRoom, (await _http.SendAsync(host, "hello")).Line);
    }

    [Fact]
    public async Task Ping_tells_of_the_partner()
    {
        var opened = (await _http.PostJsonAsync("/setup", """{"type":"standard"}""")).Body;
        var host = RoomHttp.TokenIn(opened);

        Assert.Equal("""200 {"room_alive":true,"partner_connected":false,"partner_last_seen_ms":null}""", (await _http.PingAsync(host)).Line);
        await _http.PostAsync($"/register-and-join/{RoomHttp.CodeIn(opened)}");
        Assert.Matches("""^200 \{"room_alive":true,"partner_connected":true,"partner_last_seen_ms":\d+\}$""", (await _http.PingAsync(host)).Line);
        Assert.Equal(Unauthorized, (await _http.PingAsync("tok_0")).Line);
        Assert.Equal(NotInRoom, (await _http.PingAsync(await RegisterAsync())).Line);
    }

    [Fact]
    public async Task A_host_that_leaves_ends_the_room_for_both()
    {
        var (host, joiner) = await _http.PairAsync();
        await _http.SendAsync(host, "unread");

        Assert.Equal(Ok, (await _http.PostAsync("/leave", host)).Line);

        Assert.All(new[] { await _http.PingAsync(host), await _http.WaitAsync(host), await _http.SendAsync(host, "x"), await _http.PostAsync("/leave", host), await _http.PingAsync(joiner), await _http.SendAsync(joiner, "x") }, answer => Assert.Equal(NotInRoom, answer.Line));
        Assert.Contains("│ unread\n", (await _http.WaitAsync(joiner)).Body);
        Assert.Equal($"MESSAGE_RECEIVED\n{RoomNotices.HostClosed}\n", (await _http.WaitAsync(joiner)).Body);
        Assert.Equal($"MESSAGE_RECEIVED\n{RoomNotices.HostClosed}\n", (await _http.WaitAsync(joiner)).Body);
        Assert.Equal(NotInRoom, (await _http.WaitAsync(joiner)).Line);
    }

    [Fact]
    public async Task A_joiner_that_leaves_is_told_to_the_host_that_may_invite_again()
    {
        var (host, joiner) = await _http.PairAsync();

        Assert.Equal(Ok, (await _http.PostAsync("/leave", joiner)).Line);

        Assert.Matches("^MESSAGE_RECEIVED\n\\[SYSTEM\\]: 'Agent-[a-f0-9]{4}' has left the room. Session ended.\n$", (await _http.WaitAsync(host)).Body);
        Assert.Contains("\"partner_connected\":false", (await _http.PingAsync(host)).Body);
        Assert.Equal("""503 {"error":"Partner not connected"}""", (await _http.SendAsync(host, "x")).Line);
        var again = await _http.PostJsonAsync("/setup", """{"type":"standard"}""", host);
        Assert.Equal(host, RoomHttp.TokenIn(again.Body));
        Assert.Equal(200, (await _http.PostAsync($"/register-and-join/{RoomHttp.CodeIn(again.Body)}")).Status);
    }

    [Fact]
    public async Task A_listener_that_leaves_is_no_defect()
    {
        var opened = (await _http.PostJsonAsync("/setup", """{"type":"listener"}""")).Body;
        var host = RoomHttp.TokenIn((await _http.PostAsync($"/register-and-join/{RoomHttp.CodeIn(opened)}")).Body);

        Assert.Equal(Ok, (await _http.PostAsync("/leave", RoomHttp.TokenIn(opened))).Line);
        Assert.Contains("has left the room", (await _http.WaitAsync(host)).Body);
    }

    [Fact]
    public async Task Leave_wants_a_seat()
    {
        Assert.Equal(Unauthorized, (await _http.PostAsync("/leave")).Line);
        Assert.Equal(Unauthorized, (await _http.PostAsync("/leave", "tok_0")).Line);
        Assert.Equal(NotInRoom, (await _http.PostAsync("/leave", await RegisterAsync())).Line);
    }

    [Fact]
    public async Task An_invite_of_a_host_that_left_is_spent()
    {
        var opened = (await _http.PostJsonAsync("/setup", """{"type":"standard"}""")).Body;
        await _http.PostAsync("/leave", RoomHttp.TokenIn(opened));

        Assert.Equal(Spent, (await _http.PostAsync($"/register-and-join/{RoomHttp.CodeIn(opened)}")).Line);
    }

    [Fact]
    public async Task Paths_are_taken_in_any_case_with_a_trailing_slash() =>
        Assert.Equal(NotInRoom, (await _http.CallAsync(HttpMethod.Get, "/Ping/", await RegisterAsync())).Line);

    private async Task<string> RegisterAsync() => RoomHttp.TokenIn((await _http.PostAsync("/register")).Body);

    [GeneratedRegex("room_[a-f0-9]+")]
    private static partial Regex Room();
}
