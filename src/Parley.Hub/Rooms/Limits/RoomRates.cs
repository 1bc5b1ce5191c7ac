using Parley.Hub.Identity;

namespace Parley.Hub.Rooms.Limits;

/// <summary>How often rooms may be used from one address; rates of one token are in <see cref="Visitor"/>. Failed attempts count.</summary>
internal sealed class RoomRates
{
    private const int MaxAddresses = 100_000;

    private static readonly TimeSpan _hour = TimeSpan.FromHours(1);

    private readonly bool _isLimited;
    private readonly RateLimiter _registrations;
    private readonly RateLimiter _rooms;
    private readonly RateLimiter _joins;
    private readonly RoomMeter _meter;

    /// <summary>The rates of one hub.</summary>
    public RoomRates(RoomOptions options, RoomMeter meter, TimeProvider time)
    {
        (_isLimited, _meter) = (options.AreRatesLimited, meter);
        _registrations = new RateLimiter(options.RegistrationsPerHour, _hour, MaxAddresses, time);
        _rooms = new RateLimiter(options.RoomsPerHour, _hour, MaxAddresses, time);
        _joins = new RateLimiter(options.JoinsPerHour, _hour, MaxAddresses, time);
    }

    /// <summary>Counts a registration.</summary>
    public void CountRegistration(string address) => Count(_registrations, address, "Too many registrations from this IP. Try again later.");

    /// <summary>Counts a room.</summary>
    public void CountRoom(string address) => Count(_rooms, address, "Too many rooms created from this IP. Try again later.");

    /// <summary>Counts an attempt to join.</summary>
    public void CountJoin(string address) => Count(_joins, address, "Too many join attempts from this IP. Try again later.");

    private void Count(RateLimiter limiter, string address, string sentence)
    {
        if (_isLimited && limiter.TryTake(address) is { } wait)
        {
            _meter.CountRateHit();
            throw RoomRefusals.TooMany(sentence, wait);
        }
    }
}
