using System.Threading.Channels;
using Parley.Client.Rooms;
using Parley.Client.Rooms.Supervision;
using Parley.Testing;

namespace Parley.Tests.RoomClient;

/// <summary>A supervisor whose runner works while the room goes on.</summary>
public sealed class SupervisorTurnTests : IDisposable
{
    private readonly TempFolder _root = new();
    private readonly CancellationTokenSource _stop = new();

    [Fact]
    public async Task A_partner_that_closes_stops_the_runner_also_after_further_messages()
    {
        var door = new LiveDoor();
        var running = Supervise(door, "sleep 600");

        door.Say(RoomItem.Message("Agent-1a2b", false, RoomTurn.Over, "begin"));
        door.Say(RoomItem.Message("Agent-1a2b", false, RoomTurn.Over, "and one more thing"));
        door.Say(RoomItem.Line("[SYSTEM]: HOST has closed the session. You are disconnected."));
        var end = await running.WaitAsync(Deadline.Shared, TestContext.Current.CancellationToken);

        Assert.Equal(SupervisorEnd.Closed, end);
    }

    [Fact]
    public async Task What_came_while_the_runner_worked_is_answered_in_its_order()
    {
        var door = new LiveDoor();
        door.Say(RoomItem.Message("Agent-1a2b", false, RoomTurn.Over, "one"));
        door.Say(RoomItem.Message("Agent-1a2b", false, RoomTurn.Over, "two"));
        door.Say(RoomItem.Message("Agent-1a2b", false, RoomTurn.Over, "three"));
        var running = Supervise(door, "cat \"$A2A_SUPERVISOR_MESSAGE_FILE\"");

        var said = new List<string> { await door.HeardAsync(_stop.Token), await door.HeardAsync(_stop.Token), await door.HeardAsync(_stop.Token) };
        door.Say(RoomItem.Line("[SYSTEM]: HOST has closed the session. You are disconnected."));
        await running.WaitAsync(Deadline.Shared, TestContext.Current.CancellationToken);

        Assert.Equal(["one", "two", "three"], said.Select(static text => text.Split(' ')[0].Trim()));
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
        _root.Dispose();
    }

    private Task<SupervisorEnd> Supervise(LiveDoor door, string command)
    {
        Requires.Program("bash");
        var options = new SupervisorOptions(SupervisorMode.Listen, "tests");
        var random = SeededRandom.Source(1);
        var folder = SupervisorFolder.Create(_root.PathOf("sessions"), new SessionFacts(), TimeProvider.System, random);
        var runner = new SessionRunner(new RunnerPlan(RunnerKind.Custom) { Command = command }, options, TimeProvider.System, random);
        return new Supervisor(options, door, folder, runner, new Blank(), TimeProvider.System, random).RunAsync(_stop.Token);
    }

    /// <summary>A room whose partner is the test.</summary>
    private sealed class LiveDoor : IRoomDoor
    {
        private readonly Channel<RoomItem> _inbox = Channel.CreateUnbounded<RoomItem>();
        private readonly Channel<string> _heard = Channel.CreateUnbounded<string>();

        public void Say(RoomItem item) => _inbox.Writer.TryWrite(item);

        public async Task<string> HeardAsync(CancellationToken cancellationToken) => await _heard.Reader.ReadAsync(cancellationToken).AsTask().WaitAsync(Deadline.Shared, cancellationToken);

        public Task<RoomSeat> OpenAsync(bool isListener, bool isHeadless, string? token, CancellationToken cancellationToken) => Task.FromResult(new RoomSeat("token", RoomSeat.Joiner, "code", isHeadless));

        public Task<RoomSeat> JoinAsync(string code, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task SendAsync(string token, RoomMessage message, CancellationToken cancellationToken)
        {
            _heard.Writer.TryWrite(message.Text);
            return Task.CompletedTask;
        }

        public async Task<RoomItem?> WaitAsync(string token, CancellationToken cancellationToken) => await _inbox.Reader.ReadAsync(cancellationToken);

        public Task<RoomPresence> PingAsync(string token, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task SetHeadlessAsync(string token, bool isHeadless, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task LeaveAsync(string token, CancellationToken cancellationToken) => Task.CompletedTask;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    /// <summary>A screen at which nobody looks.</summary>
    private sealed class Blank : ISupervisorScreen
    {
        public void Seated(RoomSeat seat, SavedSession session)
        {
        }

        public void Inbound(RoomItem message)
        {
        }

        public void Outbound(string text)
        {
        }

        public void Event(string line)
        {
        }
    }
}
