namespace Parley.Hub.Connections.Webhooks;

/// <summary>Spares an endpoint that does not answer: after so many failures in a row only one delivery at a time tries whether it is back. Pure; its owner locks.</summary>
/// <remarks>
/// <code>
///   Closed --10 failures in a row--> Open --30 s, doubled each time, at most 10 min--> Trying --success--> Closed
///                                     ^-------------------- failure -------------------'
/// </code>
/// While it is open nothing is sent and no attempt is counted: deliveries wait.
/// </remarks>
internal sealed class EndpointBreaker
{
    private const int Threshold = 10;

    private static readonly TimeSpan _first = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _longest = TimeSpan.FromMinutes(10);

    private int _failures;
    private int _openings;
    private DateTimeOffset? _until;

    /// <summary>Until when nothing is sent; null while it is closed.</summary>
    public DateTimeOffset? Until => _until;

    /// <summary>How many deliveries may be under way at the time.</summary>
    /// <param name="most">How many when all is well.</param>
    /// <param name="now">The time.</param>
    public int Room(int most, DateTimeOffset now) => _until is not { } until ? most : now >= until ? 1 : 0;

    /// <summary>An attempt went well.</summary>
    public void Succeeded() => (_failures, _openings, _until) = (0, 0, null);

    /// <summary>An attempt failed.</summary>
    public void Failed(DateTimeOffset now)
    {
        if (++_failures < Threshold || now < _until)
        {
            return;
        }

        _until = now + TimeSpan.FromTicks(Math.Min(_longest.Ticks, _first.Ticks << Math.Min(_openings, 10)));
        _openings++;
    }
}
