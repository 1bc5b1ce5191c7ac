using System.CommandLine;
using Parley.Client.Peering;
using Parley.Client.Transfer;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Wire;

namespace Parley.Cli.PeerToPeer;

/// <summary><c>parley p2p recv</c>: takes files and folders that others send.</summary>
internal sealed class P2pRecvCommand : ParleyCommand
{
    private const int MaxAtOnce = 16;

    private readonly Option<string> _output = new("--output", "-o") { HelpName = "DIR", DefaultValueFactory = _ => ".", Description = "The folder that files go into; made when missing, never emptied" };
    private readonly Option<string?> _from = new("--from") { HelpName = "NAME,...", Description = "Take from these agents without asking, and from nobody else" };
    private readonly Option<bool> _yes = new("--yes", "-y") { Description = "Take from everybody who may send, without asking" };
    private readonly Option<bool> _once = new("--once") { Description = "End after one transfer, with its outcome" };
    private readonly Option<string> _conflict = new("--conflict") { HelpName = "POLICY", DefaultValueFactory = _ => "rename", Description = "rename, skip or overwrite: what becomes of a file whose name is taken" };
    private readonly Option<bool> _noExecutable = new("--no-executable") { Description = "Take no executable bits" };
    private readonly Option<bool> _allowSync = new("--allow-sync") { Description = "Let senders update files here (--sync) without asking" };
    private readonly Option<bool> _allowDelete = new("--allow-delete") { Description = "With --allow-sync: let senders remove files here too (--delete)" };
    private readonly Option<bool> _fsync = new("--fsync") { Description = "Have each file on the disk before its sender is told" };
    private readonly Option<string> _path = new("--path") { HelpName = "WAY", DefaultValueFactory = _ => "auto", Description = "auto, direct, webrtc or relay" };
    private readonly Option<bool> _noProgress = new("--no-progress") { Description = "No progress bar" };

    public P2pRecvCommand()
        : base(
            "recv",
            "Receive files and folders from other machines",
            new Example("parley p2p recv", "into this folder, asking before each transfer"),
            new Example("parley p2p recv --output incoming --from agent-a,agent-c", "unattended, from these two"),
            new Example("parley p2p recv --once --yes --json", "one transfer, for a script"),
            new Example("parley p2p recv -o mirror --from agent-a --allow-sync --allow-delete", "keep a copy that agent-a updates"))
    {
        foreach (var option in (Option[])[_output, _from, _yes, _once, _conflict, _noExecutable, _allowSync, _allowDelete, _fsync, _path, _noProgress])
        {
            Add(option);
        }

        TcpOptions.AddTo(this);
        IceServerOptions.AddTo(this);
        Add(CommonOptions.Json);
        OnRun(RunAsync);
    }

    private async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        var asks = !parsed.GetValue(_yes) && parsed.GetValue(_from) is null;
        if (asks && (!context.Terminal.Traits.IsInputTerminal || !context.Terminal.Traits.IsErrorTerminal))
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "Nobody can be asked here: --from NAME,... says from whom files are taken, --yes takes them from everybody who may send.");
        }

        var options = OptionsOf(parsed, asks);
        await using var peering = await P2pHome.AttachAsync(context, parsed, SessionRole.Recv, [PeerPurpose.Transfer], cancellationToken);
        using var door = new TransferDoor(context, options, asks, SendersOf(parsed, peering.Profile.Agent))
        {
            ShowsBars = !context.IsJson && !parsed.GetValue(_noProgress) && context.Terminal.Traits.IsErrorTerminal,
        };
        context.Terminal.Status("listening");
        return parsed.GetValue(_once) ? await TakeOneAsync(peering, door, cancellationToken) : await TakeAllAsync(context, peering, door, cancellationToken);
    }

    private static async Task<int> TakeOneAsync(AgentPeering peering, TransferDoor door, CancellationToken cancellationToken)
    {
        await foreach (var session in peering.AcceptAsync(PeerPurpose.Transfer, cancellationToken))
        {
            if (door.IsWelcome(session))
            {
                return await door.TakeAsync(session, cancellationToken);
            }
        }

        return 1;
    }

    private static async Task<int> TakeAllAsync(CommandContext context, AgentPeering peering, TransferDoor door, CancellationToken cancellationToken)
    {
        using var room = new SemaphoreSlim(MaxAtOnce);
        var running = new List<Task>();
        try
        {
            await foreach (var session in peering.AcceptAsync(PeerPurpose.Transfer, cancellationToken))
            {
                if (!door.IsWelcome(session))
                {
                    continue;
                }

                await room.WaitAsync(cancellationToken);
                running.RemoveAll(static task => task.IsCompleted);
                running.Add(Task.Run(
                    async () =>
                    {
                        try
                        {
                            await door.TakeAsync(session, cancellationToken);
                        }
                        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
                        {
                            // Nobody asks for this one's outcome, and the others go on.
                            context.Bugs(context.LocateHome).Tell(context.Terminal, exception, $"{session.Remote}: ");
                        }
                        finally
                        {
                            room.Release();
                        }
                    },
                    CancellationToken.None));
            }
        }
        finally
        {
            // Each says goodbye to its sender.
            await Task.WhenAll(running).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        return 0;
    }

    private ReceiveOptions OptionsOf(ParseResult parsed, bool asks) => new()
    {
        Output = parsed.GetValue(_output)!,
        Conflict = parsed.GetValue(_conflict) switch
        {
            "rename" => ConflictPolicy.Rename,
            "skip" => ConflictPolicy.Skip,
            "overwrite" => ConflictPolicy.Overwrite,
            _ => throw new ParleyException(ErrorCode.InvalidArgument, "--conflict is rename, skip or overwrite."),
        },
        KeepsExecutable = !parsed.GetValue(_noExecutable),

        // Who is asked sees what would be replaced and removed.
        AllowsSync = asks || parsed.GetValue(_allowSync),
        AllowsDelete = asks || (parsed.GetValue(_allowDelete) && parsed.GetValue(_allowSync)),
        Syncs = parsed.GetValue(_fsync),
        AllowedPaths = TransferText.PathsOf(parsed.GetValue(_path)!),
        Limits = new TransferLimits { ChunkBytes = TransferLimits.MaxChunkBytes },
    };

    private HashSet<AgentAddress>? SendersOf(ParseResult parsed, AgentAddress self) => parsed.GetValue(_from) is { } names ? AgentNames.Of(names, self) : null;
}
