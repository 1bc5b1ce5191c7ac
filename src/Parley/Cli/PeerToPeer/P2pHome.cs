using System.CommandLine;
using System.Text.Json;
using Parley.Client.Peering;
using Parley.Protocol.Management;
using Parley.Protocol.Wire;

namespace Parley.Cli.PeerToPeer;

/// <summary>A home's peering for one command, and what several of these commands ask the hub.</summary>
internal static class P2pHome
{
    /// <summary>Attaches the home's agent to its hub.</summary>
    /// <param name="context">The command's world.</param>
    /// <param name="parsed">Options of <see cref="TcpOptions"/>, where the command has them.</param>
    /// <param name="role">What the link is for.</param>
    /// <param name="accepts">Which purposes other agents may open sessions for.</param>
    /// <param name="cancellationToken">Ends the wait for the link.</param>
    public static Task<AgentPeering> AttachAsync(CommandContext context, ParseResult parsed, SessionRole role, IReadOnlyList<PeerPurpose> accepts, CancellationToken cancellationToken)
    {
        var options = new PeeringOptions { Role = role, Accepts = accepts, Software = Versions.Software, Tcp = TcpOptions.Of(parsed) };
        return AgentPeering.AttachAsync(context.OpenHome(), options, context.Time, context.FillRandom, context.Loggers, cancellationToken);
    }

    /// <summary>The agents that this one may see.</summary>
    public static async Task<IReadOnlyList<AgentView>> AgentsAsync(AgentPeering peering, CancellationToken cancellationToken)
    {
        var json = ManagementJson.Answers;
        var arguments = JsonSerializer.SerializeToUtf8Bytes(new ListArguments(Page<AgentView>.MaxLimit), json.ListArguments);
        using var answer = await peering.Link.CallAsync("agents.list", arguments, cancellationToken);
        return answer.Deserialize(json.PageAgentView)!.Data;
    }

    /// <summary>Says who is at the other end, on standard error: nothing for an agent whose phrase was compared.</summary>
    public static void Introduce(CommandContext context, IPeerSession session)
    {
        if (session.Trust == PeerTrust.FirstMeeting)
        {
            context.Terminal.Note($"UNVERIFIED: this is the first meeting with {session.Remote}; the hub alone says whose key it is. Both ends show the same phrase when nobody sits in between:");
            context.Terminal.Status("  " + session.Phrase);
            context.Terminal.Note($"compare it over another channel, then: parley verify {session.Remote}");
        }
    }

    /// <summary>How a key is known, in one word.</summary>
    public static string WordOf(PeerTrust? trust) => trust switch
    {
        PeerTrust.Verified => "verified",
        PeerTrust.Pinned => "pinned",
        _ => "unverified",
    };
}
