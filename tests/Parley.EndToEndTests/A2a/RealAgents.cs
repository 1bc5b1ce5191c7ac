using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Client.Config;
using Parley.Client.Enrolment;
using Parley.Client.HubLink;
using Parley.Client.Messaging;
using Parley.EndToEndTests.Cli;
using Parley.Protocol.Identity;
using Parley.Protocol.Wire;
using Parley.Testing;

namespace Parley.EndToEndTests.A2a;

/// <summary>Agents of a hub that runs in a process of its own: listeners are processes too, senders are links of this one.</summary>
internal sealed class RealAgents(HubProcess hub) : IAsyncDisposable
{
    private readonly ConcurrentStack<IAsyncDisposable> _open = new();

    /// <summary>A join string for any number of agents.</summary>
    public JoinString Join { get; private set; } = null!;

    /// <summary>Agents of a running hub.</summary>
    public static async Task<RealAgents> OfAsync(HubProcess hub) =>
        new(hub) { Join = JoinString.Parse(await hub.MakeJoinStringAsync("--uses", "many")) };

    /// <summary>Makes a home of this name and enrols it.</summary>
    public async Task EnrolAsync(string name)
    {
        var home = HomeFolder.Open(hub.HomeOf(name), _ => null);
        var enroller = new Enroller(TimeProvider.System, RandomNumberGenerator.Fill);
        await enroller.JoinAsync(home, Join, name, new Dictionary<string, string>(), allowInsecure: false, CancellationToken.None);
    }

    /// <summary>Starts <c>parley a2a listen</c> for a home and waits until it is attached.</summary>
    public async Task<RealProcess> ListenAsync(string name, params string[] options)
    {
        var listener = ParleyProgram.Start(hub.HomeOf(name), ["a2a", "listen", .. options]);
        _open.Push(listener);
        await listener.WaitForErrorAsync("listening");
        return listener;
    }

    /// <summary>Attaches a sender.</summary>
    /// <param name="name">Whose home.</param>
    /// <param name="reroute">Changes where the hub is looked for, to put something in between.</param>
    /// <param name="kind">What carries the link.</param>
    public async Task<Sender> SenderAsync(string name, Func<HubProfile, HubProfile>? reroute = null, LinkKind kind = LinkKind.Grpc)
    {
        var home = HomeFolder.Open(hub.HomeOf(name), _ => null);
        var profile = HubProfile.Load(home);
        profile = reroute is null ? profile : reroute(profile);
        var identity = HomeIdentity.Load(home);
        var sender = new Sender(TimeProvider.System, RandomNumberGenerator.Fill);
        ILinkDialer dialer = kind == LinkKind.Grpc ? new GrpcLinkDialer(profile) : new WebSocketLinkDialer(profile);
        var options = new HubLinkOptions { Role = SessionRole.Caller, MaxBackoff = TimeSpan.FromMilliseconds(500) };
        var link = new HubLink(options, dialer, profile, identity, sender, TimeProvider.System, RandomNumberGenerator.Fill, NullLogger.Instance);
        _open.Push(link);
        sender.Use(link);
        link.Start();
        await link.WaitConnectedAsync(CancellationToken.None);
        return sender;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        while (_open.TryPop(out var part))
        {
            await part.DisposeAsync();
        }
    }
}
