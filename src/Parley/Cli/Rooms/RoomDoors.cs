using Microsoft.Extensions.Logging;
using Parley.Client.Config;
using Parley.Client.HubLink;
using Parley.Client.Rooms;
using Parley.Protocol.Errors;
using Parley.Protocol.Wire;

namespace Parley.Cli.Rooms;

/// <summary>Picks the way to a hub's rooms: the link when the home joined that hub, unless the user named the hub by its HTTP address; HTTP otherwise, and where no link can be made.</summary>
internal static partial class RoomDoors
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    /// <summary>Opens it.</summary>
    public static async Task<IRoomDoor> OpenAsync(CommandContext context, RoomHub hub, CancellationToken cancellationToken) =>
        (IRoomDoor?)await TryOpenLinkAsync(context, hub, cancellationToken) ?? new HttpRoomDoor(hub, context.Time);

    private static async Task<LinkRoomDoor?> TryOpenLinkAsync(CommandContext context, RoomHub hub, CancellationToken cancellationToken)
    {
        if (hub.IsNamed || RoomHubOptions.NamedBy(context.Environment) is not null || !Directory.Exists(context.LocateHome()))
        {
            return null;
        }

        var home = context.OpenHome();
        if (HubProfile.TryLoad(home) is not { } profile || !RoomHubOptions.IsSame(hub.Address, profile.Http) || hub.Pin != profile.Pin)
        {
            return null;
        }

        var logger = context.Loggers.CreateLogger("Parley.Link");
        var options = new HubLinkOptions { Role = SessionRole.Caller, FailsFast = true, Software = Versions.Software, ConnectTimeout = _patience };
        try
        {
            var opened = await LinkRoomDoor.OpenAsync(
                new AutoLinkDialer(profile, context.Time), profile, HomeIdentity.Load(home), options, context.Time, context.FillRandom, logger, cancellationToken);
            if (opened is not var (door, welcome))
            {
                return null;
            }

            profile.Learn(home, welcome.Address);
            return door;
        }
        catch (ParleyException refusal) when (refusal.Code != ErrorCode.PinMismatch)
        {
            // Rooms need no enrolment: whatever is wrong with the link, HTTP may do, or says better what is wrong.
            LogNoLink(logger, refusal.Row.WireName);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Rooms go over HTTP, since no link can be made: {Code}")]
    private static partial void LogNoLink(ILogger logger, string code);
}
