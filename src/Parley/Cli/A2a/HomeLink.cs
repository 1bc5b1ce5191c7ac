using Parley.Client.Config;
using Parley.Client.HubLink;
using Parley.Client.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Cli.A2a;

/// <summary>The home's identity and a caller's link to its hub, for one command.</summary>
internal sealed class HomeLink : IAsyncDisposable
{
    private readonly HomeIdentity _identity;

    private HomeLink(HomeIdentity identity, HubProfile profile, HubLink link, Sender sender)
    {
        _identity = identity;
        Profile = profile;
        Link = link;
        Sender = sender;
    }

    /// <summary>Which hub, and as whom.</summary>
    public HubProfile Profile { get; }

    /// <summary>The link.</summary>
    public HubLink Link { get; }

    /// <summary>Sends over the link.</summary>
    public Sender Sender { get; }

    /// <summary>Opens the home and connects; a hub that does not answer is an error at once.</summary>
    public static async Task<HomeLink> OpenAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var home = context.OpenHome();
        var profile = HubProfile.Load(home);
        var identity = HomeIdentity.Load(home);
        var sender = new Sender(context.Time, context.FillRandom);
        var options = new HubLinkOptions { Role = SessionRole.Caller, FailsFast = true, Software = Versions.Software };
        var link = new HubLink(options, new AutoLinkDialer(profile, context.Time), profile, identity, sender, context.Time, context.FillRandom, context.Loggers.CreateLogger("Parley.Link"));
        var opened = new HomeLink(identity, profile, link, sender);
        sender.Use(link);
        link.Start();
        try
        {
            profile.Learn(home, (await link.WaitConnectedAsync(cancellationToken)).Address);
            return opened;
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Link.DisposeAsync();
        _identity.Dispose();
    }
}
