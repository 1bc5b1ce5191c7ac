using System.CommandLine;
using Parley.Client.Peering;
using Parley.Protocol.Wire;
using Parley.WebRtc.Ice;

namespace Parley.Cli.PeerToPeer;

/// <summary>A home's peering for one command, and how several of these commands speak of the other end.</summary>
internal static class P2pHome
{
    /// <summary>Attaches the home's agent to its hub.</summary>
    /// <param name="context">The command's world.</param>
    /// <param name="parsed">Options of <see cref="TcpOptions"/> and <see cref="IceServerOptions"/>, where the command has them.</param>
    /// <param name="role">What the link is for.</param>
    /// <param name="accepts">Which purposes other agents may open sessions for.</param>
    /// <param name="cancellationToken">Ends the wait for the link.</param>
    /// <param name="onReport">Told what is known of paths over UDP, after each attempt.</param>
    /// <param name="dtlsFingerprint">The hash of a browser's DTLS certificate, to be signed in every session; empty when there is no browser.</param>
    public static Task<AgentPeering> AttachAsync(
        CommandContext context,
        ParseResult parsed,
        SessionRole role,
        IReadOnlyList<PeerPurpose> accepts,
        CancellationToken cancellationToken,
        Action<IceReport>? onReport = null,
        ReadOnlyMemory<byte> dtlsFingerprint = default)
    {
        var options = new PeeringOptions
        {
            Role = role,
            Accepts = accepts,
            Software = Versions.Software,
            Tcp = TcpOptions.Of(parsed),
            Udp = IceServerOptions.Of(context, parsed) with { OnReport = onReport },
            DtlsFingerprint = dtlsFingerprint,
        };
        return AgentPeering.AttachAsync(context.OpenHome(), options, context.Time, context.FillRandom, context.Loggers, cancellationToken);
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
