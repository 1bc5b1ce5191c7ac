using Parley.Client.Rooms;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.Tests.RoomClient;

public sealed class RoomReaderTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly ScriptedDoor _door = new();

    [Fact]
    public async Task Silence_drains_and_an_absent_hub_are_waited_out()
    {
        _door.Waits.Enqueue(() => null);
        _door.Waits.Enqueue(() => throw new ParleyException(ErrorCode.HubUnreachable, "away"));
        _door.Waits.Enqueue(() => RoomItem.Line("[SYSTEM]: Broker is draining. Reconnect and continue waiting."));
        _door.Waits.Enqueue(() => throw new ParleyException(ErrorCode.Draining, "draining") { RetryAfter = TimeSpan.FromSeconds(5) });
        _door.Waits.Enqueue(() => throw new ParleyException(ErrorCode.RoomWaitPending, "pending"));
        _door.Waits.Enqueue(() => RoomItem.Message("Agent-1a2b", false, RoomTurn.Over, "hello"));
        var told = new List<ErrorCode>();
        var reader = new RoomReader(_door, "tok", _time, SeededRandom.Source(1)) { OnTrouble = refusal => told.Add(refusal.Code) };

        var item = await DriveAsync(reader.NextAsync(CancellationToken.None));

        Assert.Equal("hello", item.Text);
        Assert.Equal([ErrorCode.HubUnreachable, ErrorCode.Draining], told);
    }

    [Theory]
    [InlineData(ErrorCode.RoomNotIn)]
    [InlineData(ErrorCode.Unauthenticated)]
    [InlineData(ErrorCode.PinMismatch)]
    public async Task What_does_not_pass_by_itself_is_told_at_once(ErrorCode code)
    {
        _door.Waits.Enqueue(() => throw new ParleyException(code, "no"));

        var refusal = await Assert.ThrowsAsync<ParleyException>(() => new RoomReader(_door, "tok", _time, SeededRandom.Source(1)).NextAsync(CancellationToken.None));

        Assert.Equal(code, refusal.Code);
    }

    [Fact]
    public async Task Another_process_that_keeps_waiting_is_told_in_the_end()
    {
        for (var attempt = 0; attempt < 5; attempt++)
        {
            _door.Waits.Enqueue(() => throw new ParleyException(ErrorCode.RoomWaitPending, "pending"));
        }

        var refusal = await Assert.ThrowsAsync<ParleyException>(() => DriveAsync(new RoomReader(_door, "tok", _time, SeededRandom.Source(1)).NextAsync(CancellationToken.None)));

        Assert.Equal(ErrorCode.RoomWaitPending, refusal.Code);
    }

    [Fact]
    public void Waits_between_tries_grow_and_stay_under_a_cap_unless_the_hub_asks()
    {
        var refusal = new ParleyException(ErrorCode.HubUnreachable, "away");

        Assert.InRange(RoomRetry.DelayAfter(refusal, 0, Fill(255)), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1.3));
        Assert.InRange(RoomRetry.DelayAfter(refusal, 30, Fill(255)), TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(15.3));
        Assert.True(RoomRetry.DelayAfter(refusal, 30, Fill(0)) > TimeSpan.Zero);
        Assert.Equal(TimeSpan.FromMinutes(7), RoomRetry.DelayAfter(new ParleyException(ErrorCode.RateLimited, "slow") { RetryAfter = TimeSpan.FromMinutes(7) }, 0, Fill(0)));
    }

    public ValueTask DisposeAsync() => _door.DisposeAsync();

    private static Parley.Protocol.Messaging.FillRandom Fill(byte value) => destination => destination.Fill(value);

    private async Task<T> DriveAsync<T>(Task<T> task)
    {
        while (!task.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        return await task;
    }
}
