using Parley.Hub.Rooms;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.Tests.Rooms;

/// <summary>All rooms of a hub that has no doors, with a clock that the test moves.</summary>
internal sealed class RoomServiceKit
{
    public const string Address = "192.0.2.1";

    private static readonly byte[] _key = new byte[32];
    private readonly bool _isLimited;

    public RoomServiceKit(bool isLimited = false, RoomOptions? options = null, int seed = 1)
    {
        _isLimited = isLimited;
        Options = options ?? new RoomOptions { AreRatesLimited = _isLimited };
        Secrets = new RoomSecrets(_key, SeededRandom.Source(seed));
        Rooms = new RoomService(Microsoft.Extensions.Options.Options.Create(Options), Secrets, Time);
    }

    public RoomOptions Options { get; }

    public FakeTimeProvider Time { get; } = new();

    public RoomSecrets Secrets { get; }

    public RoomService Rooms { get; }

    /// <summary>Two seats of a live room; the join notice is read.</summary>
    public async Task<(string Host, string Joiner)> PairAsync()
    {
        var opened = Rooms.SetUp(Address, RoomKind.Standard, false);
        var joined = Rooms.RegisterAndJoin(Address, opened.Code);
        await ReadAsync(opened.Token!);
        return (opened.Token!, joined.Token!);
    }

    /// <summary>The next item as text, confirmed.</summary>
    public async Task<string?> ReadAsync(string token)
    {
        using var delivery = await Rooms.WaitAsync(token, CancellationToken.None);
        delivery?.Confirm();
        return delivery is null ? null : RoomKit.TextOf(delivery.Item);
    }

    /// <summary>Moves the clock and ends what is due.</summary>
    public void Pass(TimeSpan time)
    {
        Time.Advance(time);
        Rooms.ExpireDue();
    }

    public static ErrorCode? Refused(Action action) => (Record.Exception(action) as ParleyException)?.Code;

    public static async Task<ErrorCode?> RefusedAsync(Func<Task> action) => (await Record.ExceptionAsync(action) as ParleyException)?.Code;
}
