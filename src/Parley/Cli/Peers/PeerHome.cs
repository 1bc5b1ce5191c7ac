using Microsoft.Extensions.Logging;
using Parley.Client.Config;
using Parley.Client.PeerApi.Entries;
using Parley.Protocol.Errors;

namespace Parley.Cli.Peers;

/// <summary>The peers of a home, as commands use them.</summary>
internal static class PeerHome
{
    private const string LockName = "peers";

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

    /// <summary>Keeps other processes from changing it.</summary>
    public static IDisposable Lock(HomeFolder home) =>
        home.TryLock(LockName) ?? throw new ParleyException(ErrorCode.Conflict, "Another process is changing peers.json: try again when it is done.");
}
