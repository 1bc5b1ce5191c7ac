using System.Text;
using Google.Protobuf;
using Parley.Client.Rooms;
using Parley.Hub.Transports.Link;
using Parley.Protocol.Errors;
using Parley.Protocol.Link;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;
using Parley.Testing;
using Parley.Testing.Faults;

namespace Parley.HubTests.Rooms.Doors;

/// <summary>Rooms on links, frame by frame.</summary>
public sealed class LinkRoomTests : IAsyncLifetime
{
    private RoomDoorKit _kit = null!;
    private IRoomDoor _http = null!;
    private string _host = null!;
    private string _joiner = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _kit = await RoomDoorKit.StartAsync();
        _http = await _kit.OpenAsync(RoomDoorKind.Http);
        (_host, _joiner) = await RoomDoorKit.PairAsync(_http, _http);
    }

    public ValueTask DisposeAsync() => _kit.DisposeAsync();

    [Theory]
    [InlineData(nameof(LinkKind.Grpc), 10)]
    [InlineData(nameof(LinkKind.WebSocket), 10)]
    [InlineData(nameof(LinkKind.WebSocket), 1024 * 1024)]
    public async Task What_was_not_acknowledged_when_the_link_ends_is_the_next_item_again(string kind, int size)
    {
        await SayAsync(new string('x', size));
        await SayAsync("after it");

        await using (var raw = await AttachAsync(Enum.Parse<LinkKind>(kind)))
        {
            Wait(raw, 1);
            await raw.ReadAsync(Frame.BodyOneofCase.RoomEvent, Stop);
        }

        Assert.Equal(size, (await _http.WaitAsync(_joiner, Stop))!.Text.Length);
        Assert.Equal("after it", (await _http.WaitAsync(_joiner, Stop))!.Text);
    }

    [Fact]
    public async Task What_was_acknowledged_does_not_come_again()
    {
        await SayAsync("first");
        await SayAsync("second");

        await using (var raw = await AttachAsync())
        {
            Wait(raw, 1);
            await raw.ReadAsync(Frame.BodyOneofCase.RoomEvent, Stop);
            raw.Outbox.Append(new Frame { RoomAck = new RoomAck { Number = 1 } });
            raw.Outbox.Send(new Frame { Ping = new Ping() });
            await raw.ReadAsync(Frame.BodyOneofCase.Pong, Stop);
        }

        Assert.Equal("second", (await _http.WaitAsync(_joiner, Stop))!.Text);
    }

    [Fact]
    public async Task A_wait_that_begins_while_the_link_is_down_is_told_so_long_before_a_wait_would_be_over()
    {
        var door = await _kit.OpenAsync(RoomDoorKind.Grpc);
        var seat = await door.OpenAsync(false, false, null, Stop);
        var parked = door.WaitAsync(seat.Token, Stop);
        await _kit.Hub.StopAsync();
        Assert.True(RoomRetry.IsTransient(await RoomDoorKit.RefusalAsync(() => parked)));

        var begun = door.WaitAsync(seat.Token, Stop).WaitAsync(TimeSpan.FromSeconds(60), Stop);

        Assert.Equal(ErrorCode.HubUnreachable, await RoomDoorKit.RefusalAsync(() => begun));
        await _kit.Hub.StartAgainAsync();
    }

    [Theory]
    [InlineData(nameof(RoomDoorKind.Grpc))]
    [InlineData(nameof(RoomDoorKind.WebSocket))]
    public async Task A_door_that_is_closed_right_after_an_item_has_taken_it(string kindName)
    {
        var agent = await _kit.EnrolAsync();
        for (var round = 0; round < 20; round++)
        {
            await SayAsync($"round {round}, with so many words that nobody takes it for one of the courtesies.");

            await using (var door = await _kit.OpenAsync(Enum.Parse<RoomDoorKind>(kindName), agent))
            {
                Assert.StartsWith($"round {round},", (await door.WaitAsync(_joiner, Stop))!.Text);
            }
        }
    }

    [Fact]
    public async Task While_one_item_is_open_the_next_wait_is_held_whatever_door_it_came_by()
    {
        await using var raw = await AttachAsync();
        await SayAsync("first");
        await SayAsync("second");
        Wait(raw, 1);
        var first = (await raw.ReadAsync(Frame.BodyOneofCase.RoomEvent, Stop)).RoomEvent;

        var waiting = _http.WaitAsync(_joiner, Stop);
        await _kit.UntilParkedAsync();
        raw.Outbox.Send(new Frame { RoomAck = new RoomAck { Number = 1 } });

        Assert.Equal((1UL, 1UL, "first"), (first.Number, first.Position, first.Text.ToStringUtf8()));
        Assert.Equal("second", (await waiting)!.Text);
    }

    [Fact]
    public async Task A_wait_that_is_given_up_lets_go_of_the_seat_and_of_what_it_was_given()
    {
        await using var raw = await AttachAsync();
        Wait(raw, 1);
        await _kit.UntilParkedAsync();
        raw.Outbox.Send(new Frame { RoomCancel = new RoomCancel { Number = 1 } });
        await _kit.UntilParkedAsync(0);
        await SayAsync("hello");
        Wait(raw, 2);
        await raw.ReadAsync(Frame.BodyOneofCase.RoomEvent, Stop);
        raw.Outbox.Send(new Frame { RoomCancel = new RoomCancel { Number = 2 } });
        Wait(raw, 3);

        var again = (await raw.ReadAsync(Frame.BodyOneofCase.RoomEvent, Stop)).RoomEvent;

        Assert.Equal((3UL, 1UL), (again.Number, again.Position));
    }

    [Theory]
    [InlineData(nameof(RoomDoorKind.Grpc))]
    [InlineData(nameof(RoomDoorKind.WebSocket))]
    public async Task The_end_of_a_wait_and_a_message_may_race_each_other_and_nothing_is_lost(string kindName)
    {
        var door = await _kit.OpenAsync(Enum.Parse<RoomDoorKind>(kindName));
        for (var round = 0; round < 50; round++)
        {
            using var stop = new CancellationTokenSource();
            var waiting = door.WaitAsync(_joiner, stop.Token);
            await _kit.UntilParkedAsync();

            var saying = SayAsync($"round {round}, with so many words that nobody takes it for one of the courtesies.");
            await stop.CancelAsync();
            await saying;

            Assert.StartsWith($"round {round},", await HeardAsync(waiting) ?? (await door.WaitAsync(_joiner, Stop))!.Text);
        }
    }

    [Fact]
    public async Task A_link_that_ends_takes_its_parked_waits_along()
    {
        await using (var raw = await AttachAsync())
        {
            Wait(raw, 1);
            await _kit.UntilParkedAsync();
        }

        await _kit.UntilParkedAsync(0);
    }

    [Fact]
    public async Task A_text_that_is_refused_is_let_pass_and_the_link_goes_on()
    {
        await using var raw = await AttachAsync();
        var chunk = ByteString.CopyFrom(new byte[MessagingLimits.ChunkBytes]);

        foreach (var (number, token, size) in new[] { (1UL, _host, 2 * 1024 * 1024), (2UL, "tok_0", 100_000) })
        {
            raw.Outbox.Append(new Frame { RoomCall = new RoomCall { Number = number, Operation = RoomOperation.Send, Token = token, TextSize = (uint)size } });
            raw.Outbox.Append(new Frame { RoomChunk = new RoomChunk { Number = number, Data = chunk } });
        }

        raw.Outbox.Send(new Frame { RoomCall = new RoomCall { Number = 3, Operation = RoomOperation.Send, Token = _host, Text = ByteString.CopyFromUtf8("\uFEFFgood") } });
        var answers = new[] { await AnswerAsync(raw), await AnswerAsync(raw), await AnswerAsync(raw) };

        Assert.Equal([(1UL, "message.too_large"), (2UL, "unauthenticated"), (3UL, "")], answers.Select(answer => (answer.Number, answer.Error)));
        Assert.Equal("good", (await _http.WaitAsync(_joiner, Stop))!.Text);
    }

    [Fact]
    public async Task Bytes_that_are_no_text_are_replaced_and_nothing_is_no_text()
    {
        await using var raw = await AttachAsync();

        raw.Outbox.Send(new Frame { RoomCall = new RoomCall { Number = 1, Operation = RoomOperation.Send, Token = _host, Text = ByteString.CopyFrom(0x61, 0xFF, 0x62) } });
        raw.Outbox.Send(new Frame { RoomCall = new RoomCall { Number = 2, Operation = RoomOperation.Send, Token = _host } });
        raw.Outbox.Send(new Frame { RoomCall = new RoomCall { Number = 3, Operation = (RoomOperation)99, Token = _host } });
        var answers = new[] { await AnswerAsync(raw), await AnswerAsync(raw), await AnswerAsync(raw) };

        Assert.Equal(["", "invalid_argument", "unsupported"], answers.Select(answer => answer.Error));
        Assert.Equal("a\uFFFDb", (await _http.WaitAsync(_joiner, Stop))!.Text);
    }

    [Fact]
    public async Task A_link_has_so_many_calls_under_way_and_no_more()
    {
        var door = await _kit.OpenAsync(RoomDoorKind.Grpc);
        var seats = await Task.WhenAll(Enumerable.Range(0, LinkRooms.MaxUnderWay).Select(_ => door.OpenAsync(true, true, null, Stop)));
        using var stop = new CancellationTokenSource();
        var waits = seats.Select(seat => door.WaitAsync(seat.Token, stop.Token)).ToList();
        await _kit.UntilParkedAsync(LinkRooms.MaxUnderWay);

        Assert.Equal(ErrorCode.Unavailable, await RoomDoorKit.RefusalAsync(() => door.PingAsync(seats[0].Token, Stop)));
        await stop.CancelAsync();
        await _kit.UntilParkedAsync(0);
        await door.PingAsync(seats[0].Token, Stop);

        Assert.All(waits, wait => Assert.True(wait.IsCanceled));
    }

    [Fact]
    public async Task A_number_that_is_in_use_ends_the_link()
    {
        await using var raw = await AttachAsync();

        Wait(raw, 1);
        Wait(raw, 1);

        Assert.Equal("protocol.violation", (await raw.ReadAsync(Frame.BodyOneofCase.Goodbye, Stop)).Goodbye.Code);
    }

    [Fact]
    public async Task Rates_are_counted_by_agent()
    {
        await using var kit = await RoomDoorKit.StartAsync(options => (options.Rooms.AreRatesLimited, options.Rooms.RoomsPerHour, options.Rooms.JoinsPerHour) = (true, 2, 1));
        var alice = await kit.EnrolAsync();
        var (first, second, other) = (await kit.OpenAsync(RoomDoorKind.Grpc, alice), await kit.OpenAsync(RoomDoorKind.WebSocket, alice), await kit.OpenAsync(RoomDoorKind.Grpc));
        await first.OpenAsync(false, false, null, Stop);
        var opened = await second.OpenAsync(false, false, null, Stop);

        var refusal = await Assert.ThrowsAsync<ParleyException>(() => first.OpenAsync(false, false, null, Stop));
        await other.OpenAsync(false, false, null, Stop);
        await other.JoinAsync(opened.Code!, Stop);

        Assert.Equal(ErrorCode.RateLimited, refusal.Code);
        Assert.InRange(refusal.RetryAfter!.Value.TotalSeconds, 1, 3600);
        Assert.Equal(ErrorCode.RateLimited, await RoomDoorKit.RefusalAsync(() => other.JoinAsync("invite_0", Stop)));
        Assert.Equal(ErrorCode.RoomCodeSpent, await RoomDoorKit.RefusalAsync(() => second.JoinAsync("invite_0", Stop)));
    }

    [Theory]
    [InlineData(nameof(LinkKind.Grpc), 1)]
    [InlineData(nameof(LinkKind.WebSocket), 2)]
    public async Task Nothing_is_lost_doubled_or_out_of_order_when_links_are_cut_in_the_middle_of_frames(string kindName, int seed)
    {
        const int Messages = 150;
        var kind = Enum.Parse<RoomDoorKind>(kindName);
        var address = kind == RoomDoorKind.Grpc ? _kit.Hub.Hub.Grpc : _kit.Hub.Hub.Http;
        await using var proxy = new CuttingProxy(() => address, seed, 2_000, 400_000, 20);
        _kit.Hub.Reroute = _ => proxy.Address;
        var (speaker, listener) = (await OpenThroughCutsAsync(kind), await OpenThroughCutsAsync(kind));

        var speaking = SpeakAsync(speaker, Messages);
        var reader = new RoomReader(listener, _joiner, TimeProvider.System, span => span.Clear());
        var heard = new List<string>();
        while (heard.Count < Messages)
        {
            heard.Add((await reader.NextAsync(Stop)).Text.Split(' ')[0]);
        }

        await speaking;
        Assert.Equal(Enumerable.Range(0, Messages).Select(number => $"{number}"), heard);
        Assert.True(proxy.Cuts > 5, $"only {proxy.Cuts} cuts");
    }

    [Fact]
    public async Task Garbage_in_room_frames_ends_its_own_link_at_most()
    {
        var good = new List<byte[]>
        {
            Bytes(new RoomCall { Number = 1, Operation = RoomOperation.Send, Token = _host, Text = ByteString.CopyFromUtf8("x [OVER]") }),
            Bytes(new RoomCall { Number = 2, Operation = RoomOperation.Wait, Token = _joiner }),
            Bytes(new RoomCall { Number = 3, Operation = RoomOperation.Send, Token = _host, TextSize = 70_000 }),
            Bytes(new RoomCall { Number = 4, Operation = RoomOperation.Open, IsListener = true }),
            Bytes(new RoomCall { Number = 5, Operation = RoomOperation.Join, Code = "invite_" + new string('0', 32) }),
            Bytes(new RoomCall { Number = 6, Operation = RoomOperation.SetHeadless, Token = _joiner, IsHeadless = true }),
            new Frame { RoomChunk = new RoomChunk { Number = 3, Data = ByteString.CopyFrom(new byte[1000]) } }.ToByteArray(),
            new Frame { RoomAck = new RoomAck { Number = 2 } }.ToByteArray(),
            new Frame { RoomCancel = new RoomCancel { Number = 2 } }.ToByteArray(),
            new Frame { RoomAnswer = new RoomAnswer { Number = 1 } }.ToByteArray(),
        };
        var agent = await _kit.EnrolAsync();
        var random = new Random(7);
        for (var round = 0; round < 60; round++)
        {
            await using var raw = await RawLink.AttachAsync(_kit.Hub, agent, SessionRole.Caller, LinkKind.WebSocket, Stop);
            for (var number = 0; number < 40; number++)
            {
                await WriteAsync(raw, Fuzz.Mutate(random, good[random.Next(good.Count)]));
            }
        }

        var (host, joiner) = await RoomDoorKit.PairAsync(_http, await _kit.OpenAsync(RoomDoorKind.Grpc));
        await _http.SendAsync(host, RoomDoorKit.Say("well"), Stop);
        Assert.Equal("well", (await _http.WaitAsync(joiner, Stop))!.Text);
    }

    private static byte[] Bytes(RoomCall call) => new Frame { RoomCall = call }.ToByteArray();

    private static void Wait(RawLink raw, ulong number, string token) =>
        raw.Outbox.Send(new Frame { RoomCall = new RoomCall { Number = number, Operation = RoomOperation.Wait, Token = token } });

    private static async Task<RoomAnswer> AnswerAsync(RawLink raw) => (await raw.ReadAsync(Frame.BodyOneofCase.RoomAnswer, Stop)).RoomAnswer;

    private static async Task<string?> HeardAsync(Task<RoomItem?> waiting)
    {
        try
        {
            return (await waiting)!.Text;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    // A hub that has ended the link takes no more.
    private static async Task WriteAsync(RawLink raw, byte[] frame)
    {
        byte[] bytes = [0, .. BitConverter.GetBytes(System.Net.IPAddress.HostToNetworkOrder(frame.Length)), .. frame];
        try
        {
            await raw.Transport.WriteAsync(bytes, Stop);
        }
        catch (Exception exception) when (LinkBreaks.Is(exception))
        {
        }
    }

    private void Wait(RawLink raw, ulong number) => Wait(raw, number, _joiner);

    private async Task<RawLink> AttachAsync(LinkKind kind = LinkKind.Grpc) =>
        await RawLink.AttachAsync(_kit.Hub, await _kit.EnrolAsync(), SessionRole.Caller, kind, Stop);

    private Task SayAsync(string text) => _http.SendAsync(_host, RoomDoorKit.Say(text), Stop);

    private async Task<IRoomDoor> OpenThroughCutsAsync(RoomDoorKind kind)
    {
        while (true)
        {
            try
            {
                return await _kit.OpenAsync(kind);
            }
            catch (Exception exception) when (exception is ParleyException || LinkBreaks.Is(exception))
            {
                // A cut in the first handshake.
            }
        }
    }

    private async Task SpeakAsync(IRoomDoor door, int messages)
    {
        for (var number = 0; number < messages; number++)
        {
            var message = RoomDoorKit.Say($"{number} {new string('x', number % 5 == 0 ? 90_000 : 60)}");
            await UntilSaidAsync(door, message);
        }
    }

    private async Task UntilSaidAsync(IRoomDoor door, RoomMessage message)
    {
        while (true)
        {
            try
            {
                await door.SendAsync(_host, message, Stop);
                return;
            }
            catch (ParleyException refusal) when (RoomRetry.IsTransient(refusal.Code))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Stop);
            }
        }
    }
}
