using Parley.Hub.Rooms;
using Parley.Hub.Telemetry;

namespace Parley.Hub.Transports.Http.Rooms;

/// <summary>Figures of rooms: how many and how much, never who or what.</summary>
internal static class RoomMetrics
{
    /// <summary>Adds them to the hub's.</summary>
    public static void AddTo(HubMetrics metrics, RoomService rooms)
    {
        var meter = rooms.Meter;
        metrics.AddGauge("parley.rooms", "Rooms, closed ones that can still be read included", () => rooms.Count);
        metrics.AddGauge("parley.rooms.tokens", "Room tokens, in rooms or not yet", () => rooms.Tokens);
        metrics.AddGauge("parley.rooms.open_waits", "Waits that are parked", () => meter.OpenWaits);
        metrics.AddGauge("parley.rooms.unread", "Messages and notices that wait to be read", () => meter.Items);
        metrics.AddGauge("parley.rooms.bytes", "Bytes of messages and files in memory", () => meter.Bytes);
        metrics.AddGauge("parley.rooms.draining", "1 while no new rooms begin", () => rooms.IsDraining ? 1 : 0);
        metrics.AddCounter("parley.rooms.sends", "Messages that were taken", () => meter.Sends);
        metrics.AddCounter("parley.rooms.waits", "Waits that began", () => meter.Waits);
        metrics.AddCounter("parley.rooms.loops", "Loops that were found", () => meter.Loops);
        metrics.AddCounter("parley.rooms.rate_hits", "Calls that were refused or slowed for their rate", () => meter.RateHits);
    }
}
