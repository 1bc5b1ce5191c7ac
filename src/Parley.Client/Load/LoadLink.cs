using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Client.HubLink;
using Parley.Protocol.Wire;

namespace Parley.Client.Load;

/// <summary>Makes the links of the benchmark's agents: with nothing logged.</summary>
public static class LoadLink
{
    /// <summary>A link that is not started.</summary>
    public static HubLink.HubLink Make(LoadAgent home, SessionRole role, ILinkEvents events, TimeProvider timeProvider) => new(
        new HubLinkOptions { Role = role, Software = "parley-bench" },
        home.UsesWebSocket ? new WebSocketLinkDialer(home.Profile) : new GrpcLinkDialer(home.Profile),
        home.Profile,
        home.Identity,
        events,
        timeProvider,
        RandomNumberGenerator.Fill,
        NullLogger.Instance);

    /// <summary>Starts the link and waits until it stands; one that does not is disposed.</summary>
    public static async Task OpenAsync(HubLink.HubLink link, CancellationToken cancellationToken)
    {
        try
        {
            link.Start();
            await link.WaitConnectedAsync(cancellationToken);
        }
        catch
        {
            await link.DisposeAsync();
            throw;
        }
    }
}
