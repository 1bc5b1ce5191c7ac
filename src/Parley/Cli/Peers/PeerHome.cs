using Microsoft.Extensions.Logging;
using Parley.Client.Config;
using Parley.Client.PeerApi.Asking;
using Parley.Client.PeerApi.Entries;
using Parley.Client.PeerApi.Rotation;
using Parley.Protocol.Errors;

namespace Parley.Cli.Peers;

/// <summary>The peers of a home, as commands use them.</summary>
internal static class PeerHome
{
    /// <summary>Names the home's <c>peers.json</c>.</summary>
    public static PeersFile FileOf(CommandContext context, HomeFolder home) =>
        new(home.PathOf(PeersFile.Name), context.Environment, context.Loggers.CreateLogger<PeersFile>());

    /// <summary>Reads it, and says what was skipped.</summary>
    public static PeerDirectory Load(CommandContext context)
    {
        var peers = FileOf(context, context.OpenHome()).Load();
        foreach (var problem in peers.Problems)
        {
            context.Terminal.Note($"peers.json: {problem}");
        }

        return peers;
    }

    /// <summary>The tool <c>peer_ask</c> of a home. Peers that are added later are known at once.</summary>
    public static PeerAskTool AskTool(CommandContext context, HomeFolder home)
    {
        var file = FileOf(context, home);
        return new PeerAskTool(() => file.Current, context.Time, context.FillRandom, RotationsOf(context, home));
    }

    /// <summary>A client for one peer of a home.</summary>
    public static PeerClient Client(CommandContext context, PeerDirectory self, PeerEntry peer) =>
        new(self, peer, context.Time, context.FillRandom, RotationsOf(context, context.OpenHome()));

    /// <summary>What the home tells its peers of new keys, and hears of theirs.</summary>
    public static PeerRotations RotationsOf(CommandContext context, HomeFolder home) => new(home, context.Time, context.Loggers.CreateLogger<PeerRotations>());

    /// <summary>Keeps other processes from changing it.</summary>
    public static IDisposable Lock(HomeFolder home) =>
        home.TryLock(PeerRotations.LockName) ?? throw new ParleyException(ErrorCode.Conflict, "Another process is changing peers.json: try again when it is done.");
}
