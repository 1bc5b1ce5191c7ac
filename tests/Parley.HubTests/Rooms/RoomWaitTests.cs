using Parley.Hub.Rooms;
using Parley.Testing;

namespace Parley.HubTests.Rooms;

public sealed class RoomWaitTests : IAsyncLifetime
{
    private RoomHttp _http = null!;
    private string _host = null!;
    private string _joiner = null!;

    public async ValueTask InitializeAsync()
    {
        _http = await RoomHttp.StartAsync();
        (_host, _joiner) = await _http.PairAsync();
    }

    public ValueTask DisposeAsync() => _http.DisposeAsync();

    [Fact]
    public async Task A_message_that_waits_is_answered_at_once_one_a_wait_in_order()
    {
        await _http.SendAsync(_host, "one");
        await _http.SendAsync(_host, "two");

        Assert.Contains("│ one\n", (await _http.WaitAsync(_joiner)).Body);
        Assert.Contains("│ two\n", (await _http.WaitAsync(_joiner)).Body);
    }

    [Fact]
    public async Task A_parked_wait_is_answered_by_a_send()
    {
        var waiting = _http.WaitAsync(_joiner);
        await _http.UntilParkedAsync();

        await _http.SendAsync(_host, "hello");

        Assert.Contains("│ hello\n", (await waiting).Body);
    }

    [Fact]
    public async Task A_second_wait_is_refused_and_the_first_one_still_served()
    {
        var waiting = _http.WaitAsync(_joiner);
        await _http.UntilParkedAsync();

        Assert.Equal("""409 {"error":"Wait already pending"}""", (await _http.WaitAsync(_joiner)).Line);
        await _http.SendAsync(_host, "hello");

        Assert.Contains("│ hello\n", (await waiting).Body);
    }

    [Fact]
    public async Task Leaving_answers_the_leavers_own_wait_and_the_partners()
    {
        var (own, partners) = (_http.WaitAsync(_host), _http.WaitAsync(_joiner));
        await _http.UntilParkedAsync(2);

        await _http.PostAsync("/leave", _host);

        Assert.Equal($"MESSAGE_RECEIVED\n{RoomNotices.Ended}\n", (await own).Body);
        Assert.Equal($"MESSAGE_RECEIVED\n{RoomNotices.HostClosed}\n", (await partners).Body);
        Assert.Equal($"MESSAGE_RECEIVED\n{RoomNotices.HostClosed}\n", (await _http.WaitAsync(_joiner)).Body);
    }

    [Fact]
    public async Task Waits_that_were_aborted_lose_nothing()
    {
        for (var round = 0; round < 30; round++)
        {
            var client = await RawClient.ConnectAsync(_http.Hub.Hub.Http);
            await client.RequestAsync("GET", "/wait", _joiner);
            await _http.UntilParkedAsync();

            // The end of the connection and the message race each other.
            client.Vanish();
            Assert.Equal("200 DELIVERED", (await _http.SendAsync(_host, $"message {round} {Filler}")).Line);

            Assert.Contains($"│ message {round} ", (await _http.WaitAsync(_joiner)).Body);
        }
    }

    [Fact]
    public async Task A_reader_that_vanishes_in_the_middle_of_a_large_answer_gets_it_again()
    {
        // So much that no buffer of the two kernels takes it: the hub cannot have written it all.
        await using var http = await RoomHttp.StartAsync(options => (options.Rooms.MaxMessageBytes, options.Rooms.MaxInboxBytes) = (16 * 1024 * 1024, 64 * 1024 * 1024));
        var (host, joiner) = await http.PairAsync();
        var text = new string('x', 15 * 1024 * 1024);
        await http.SendAsync(host, $"0 {text}");
        await http.SendAsync(host, $"1 {text}");

        using var slow = await RawClient.ConnectAsync(http.Hub.Hub.Http, receiveBuffer: 4096);
        await slow.RequestAsync("GET", "/wait", joiner);
        await slow.ReadUntilAsync("│ 0 xx");
        slow.Vanish();

        Assert.Contains("│ 0 xx", (await http.WaitAsync(joiner)).Body);
        Assert.Contains("│ 1 xx", (await http.WaitAsync(joiner)).Body);
    }

    [Fact]
    public async Task A_slow_reader_blocks_nobody_else()
    {
        await _http.SendAsync(_host, new string('x', 1024 * 1024));
        using var slow = await RawClient.ConnectAsync(_http.Hub.Hub.Http, receiveBuffer: 4096);
        await slow.RequestAsync("GET", "/wait", _joiner);
        await slow.ReadUntilAsync("│ xx");

        Assert.Equal("200 DELIVERED", (await _http.SendAsync(_host, "meanwhile")).Line);
        await _http.SendAsync(_joiner, "and back");
        Assert.Contains("│ and back\n", (await _http.WaitAsync(_host)).Body);

        await slow.ReadUntilAsync("└────\n");
        Assert.Contains("│ meanwhile\n", (await _http.WaitAsync(_joiner)).Body);
    }

    [Fact]
    public async Task Requests_that_are_pipelined_are_answered_in_order()
    {
        using var client = await RawClient.ConnectAsync(_http.Hub.Hub.Http);
        for (var number = 0; number < 20; number++)
        {
            await client.RequestAsync("POST", "/send", _host, $"message {number}, {Filler}");
            await client.RequestAsync("GET", "/wait", _joiner);
        }

        var all = await client.ReadUntilAsync("└────", 20);

        Assert.Equal(
            Enumerable.Range(0, 20).Select(number => $"│ message {number}, "),
            all.Split('\n').Where(line => line.StartsWith('│') && line.Contains("message", StringComparison.Ordinal)).Select(line => line[..(line.IndexOf(',', StringComparison.Ordinal) + 2)]));
    }

    [Fact]
    public async Task HEAD_eats_no_message()
    {
        await _http.SendAsync(_host, "precious");

        Assert.Equal(405, (await _http.CallAsync(HttpMethod.Head, "/wait", _joiner)).Status);

        Assert.Contains("│ precious\n", (await _http.WaitAsync(_joiner)).Body);
    }

    [Fact]
    public async Task Two_scripted_agents_talk_for_200_turns()
    {
        var said = new List<string>();
        for (var turn = 0; turn < 200; turn++)
        {
            var (from, to) = turn % 2 == 0 ? (_host, _joiner) : (_joiner, _host);
            var waiting = turn % 3 == 0 ? _http.WaitAsync(to) : null;
            Assert.Equal("200 DELIVERED", (await _http.SendAsync(from, $"turn {turn} [OVER]")).Line);
            said.Add((await (waiting ?? _http.WaitAsync(to))).Body);
        }

        Assert.All(said.Select((body, turn) => (body, turn)), entry => Assert.Contains($"│ turn {entry.turn}\n", entry.body));
    }

    [Fact]
    public async Task Nothing_is_answered_in_time_is_a_plain_text_without_a_line_end()
    {
        await using var http = await RoomHttp.StartAsync(options => options.Rooms.WaitLimit = TimeSpan.FromSeconds(1));
        var (host, _) = await http.PairAsync();

        Assert.Equal("200 TIMEOUT: No event received within 1s", (await http.WaitAsync(host)).Line);
    }

    [Fact]
    public async Task It_is_110_seconds()
    {
        var time = new FakeTimeProvider();
        await using var http = await RoomHttp.StartAsync(options => options.Rooms.WaitLimit = new RoomOptions().WaitLimit, time);
        var (host, _) = await http.PairAsync();
        var waiting = http.WaitAsync(host);
        await http.UntilParkedAsync();
        var started = time.GetUtcNow();

        await Deadline.UntilAsync(
            () =>
            {
                time.Advance(waiting.IsCompleted ? TimeSpan.Zero : TimeSpan.FromSeconds(1));
                return waiting.IsCompleted;
            },
            "the end of the wait");

        Assert.Equal("200 TIMEOUT: No event received within 110s", (await waiting).Line);
        Assert.True(time.GetUtcNow() - started >= TimeSpan.FromSeconds(110));
    }

    [Fact]
    public async Task No_byte_is_sent_while_a_wait_is_held()
    {
        using var client = await RawClient.ConnectAsync(_http.Hub.Hub.Http);
        await client.RequestAsync("GET", "/wait", _joiner);
        await _http.UntilParkedAsync();
        Assert.Equal(0, client.Available);

        await _http.SendAsync(_host, "hello");

        Assert.StartsWith("HTTP/1.1 200 OK\r\n", await client.ReadUntilAsync("└────"));
    }

    private static string Filler => "with so many words that nobody takes it for one of the courtesies.";
}
