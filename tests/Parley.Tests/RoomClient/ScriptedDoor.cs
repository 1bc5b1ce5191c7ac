using Parley.Client.Rooms;

namespace Parley.Tests.RoomClient;

/// <summary>A way to rooms that answers waits as it was told to.</summary>
internal sealed class ScriptedDoor : IRoomDoor
{
    public Queue<Func<RoomItem?>> Waits { get; } = new();

    public Task<RoomItem?> WaitAsync(string token, CancellationToken cancellationToken)
    {
        try
        {
            return Task.FromResult(Waits.Dequeue()());
        }
        catch (Exception exception)
        {
            return Task.FromException<RoomItem?>(exception);
        }
    }

    public Task<RoomSeat> OpenAsync(bool isListener, bool isHeadless, string? token, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<RoomSeat> JoinAsync(string code, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task SendAsync(string token, RoomMessage message, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<RoomPresence> PingAsync(string token, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task SetHeadlessAsync(string token, bool isHeadless, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task LeaveAsync(string token, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
