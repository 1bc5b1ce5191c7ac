using System.CommandLine;
using System.Text.Json;
using Parley.Cli.A2a;
using Parley.Client.Config;
using Parley.Client.Peering.Pins;
using Parley.Client.Peering.Udp;
using Parley.Protocol.Errors;
using Parley.Protocol.Formats;
using Parley.Protocol.Identity;
using Parley.Protocol.Management;

namespace Parley.Cli.PeerToPeer;

/// <summary><c>parley p2p invite</c>: a link by which a person without the program meets this agent from a browser.</summary>
internal sealed class P2pInviteCommand : ParleyCommand
{
    private readonly Argument<string> _name = new("NAME") { Description = "What the visitor is called here, beside this owner's agents" };
    private readonly Option<string> _lifetime = new("--ttl") { HelpName = "D", Description = "How long the link, and the visit, last", DefaultValueFactory = _ => "1h" };
    private readonly Option<bool> _revoke = new("--revoke") { Description = "End it: the link is void, the visitor is removed and its page cut off" };
    private readonly Option<string[]> _stun = new("--ice-server") { HelpName = "URL", Description = "Another STUN server for the page, stun:HOST[:PORT]; may be repeated. Relays are named where the agent meets: one end's are enough" };

    public P2pInviteCommand()
        : base(
            "invite",
            "Let a person without parley meet this agent from a browser, by a link that is good once",
            new Example("parley p2p invite bob", "prints the link for bob; it is a secret until bob opens it"),
            new Example("parley p2p invite bob --ttl 1d --json", "good for a day, for a program"),
            new Example("parley p2p invite bob --revoke", "bob is no visitor any more"))
    {
        Add(_name);
        Add(_lifetime);
        Add(_revoke);
        Add(_stun);
        Add(CommonOptions.Json);
        OnRun((context, parsed, cancellationToken) => parsed.GetValue(_revoke) ? RevokeAsync(context, parsed, cancellationToken) : InviteAsync(context, parsed, cancellationToken));
    }

    private async Task<int> InviteAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        var servers = (parsed.GetValue(_stun) ?? []).Select(IceServer.Parse).ToList();
        if (servers.Exists(server => server.IsRelay))
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "A relay (turn:) is named where the agent meets, for example by p2p recv --ice-server: it serves both ends, and its credentials do not belong into a link.");
        }

        var lifetime = DurationText.Parse(parsed.GetValue(_lifetime)!);
        await using var home = await HomeLink.OpenAsync(context, cancellationToken);
        var wish = JsonSerializer.SerializeToUtf8Bytes(new InviteArguments(parsed.GetValue(_name)!, (long)lifetime.TotalSeconds), ManagementJson.Answers.InviteArguments);
        using var answer = await home.Link.CallAsync("invites.create", wish, cancellationToken);
        var invite = answer.Deserialize(ManagementJson.Answers.ItemNewInvite)!.Data;
        if (!AgentAddress.TryParse(invite.Visitor, out var visitor))
        {
            throw new ParleyException(ErrorCode.ProtocolViolation, "The hub told an address that is none.");
        }

        var profile = HubProfile.Load(context.OpenHome());
        using var identity = HomeIdentity.Load(context.OpenHome());

        // An earlier visitor of this name had another key, which must not be taken for this one's.
        await new KnownAgents(context.OpenHome(), context.Time).ForgetAsync(profile.HubId, visitor, cancellationToken);
        var link = new InviteLink
        {
            Page = invite.Page,
            HubId = profile.HubId,
            Visitor = visitor,
            Host = profile.Agent,
            HostKey = identity.PublicKey.ToArray(),
            Secret = invite.Secret,
            StunServers = [.. servers.Select(server => server.ToString())],
        };
        if (context.IsJson)
        {
            context.Terminal.WriteJson(JsonSerializer.Serialize(new P2pInviteJson(visitor.ToString(), link.Reveal(), invite.ExpiresAt), P2pJson.Compact.P2pInviteJson));
        }
        else
        {
            context.Terminal.WriteLine(link.Reveal());
            context.Terminal.Note($"whoever opens it first is {visitor} until {invite.ExpiresAt.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}, and may meet {profile.Agent} alone. Hand it over in private.");
        }

        return 0;
    }

    private async Task<int> RevokeAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var home = await HomeLink.OpenAsync(context, cancellationToken);
        var wish = JsonSerializer.SerializeToUtf8Bytes(new InviteArguments(parsed.GetValue(_name)!), ManagementJson.Answers.InviteArguments);
        using var answer = await home.Link.CallAsync("invites.revoke", wish, cancellationToken);
        var visitor = answer.Deserialize(ManagementJson.Answers.ItemString)!.Data;
        await new KnownAgents(context.OpenHome(), context.Time).ForgetAsync(HubProfile.Load(context.OpenHome()).HubId, AgentAddress.Parse(visitor), cancellationToken);
        context.Terminal.Note($"{visitor} is no visitor any more");
        return 0;
    }
}
