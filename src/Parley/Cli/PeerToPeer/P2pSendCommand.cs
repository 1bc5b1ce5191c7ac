using System.CommandLine;
using System.Text.Json;
using Parley.Client.Peering;
using Parley.Client.Transfer;
using Parley.Output;
using Parley.Protocol.Errors;
using Parley.Protocol.Formats;
using Parley.Protocol.Wire;

namespace Parley.Cli.PeerToPeer;

/// <summary><c>parley p2p send</c>: files and folders to another machine.</summary>
internal sealed class P2pSendCommand : ParleyCommand
{
    private const int MaxAtOnce = 4;
    private const long MinRate = 1024;
    private const string Remedy = "it must run parley p2p recv";

    private readonly Argument<string[]> _words = new("PATH... TARGET") { Arity = ArgumentArity.OneOrMore, Description = "Files and folders, '-' for standard input, then the agent that gets them" };
    private readonly Option<string?> _selector = new("--selector", "-l") { HelpName = "SELECTOR", Description = "Send to every agent whose labels fit, k=v or k!=v, joined by commas; there is no TARGET then" };
    private readonly Option<string> _name = new("--name") { HelpName = "NAME", DefaultValueFactory = _ => "stdin", Description = "What standard input is called at the receiver" };
    private readonly Option<string> _path = new("--path") { HelpName = "WAY", DefaultValueFactory = _ => "auto", Description = "auto, direct, webrtc or relay" };
    private readonly Option<string> _timeout = new("--timeout") { HelpName = "D", DefaultValueFactory = _ => "5m", Description = "How long the receiver is waited for, up to 30d" };
    private readonly Option<string?> _rate = new("--limit-rate") { HelpName = "SIZE", Description = "Bytes a second at most, for example 10MiB [default: no limit]" };
    private readonly Option<string[]> _exclude = new("--exclude") { HelpName = "PATTERN", Description = "Leave out what fits, as in .gitignore; may be repeated" };
    private readonly Option<bool> _follow = new("--follow-links") { Description = "Send what links lead to; without it a link is refused" };
    private readonly Option<bool> _sync = new("--sync") { Description = "Update the receiver's copies: only changed chunks of a file that is there travel" };
    private readonly Option<bool> _delete = new("--delete") { Description = "With --sync: have removed at the receiver what is not here" };
    private readonly Option<bool> _checksum = new("--checksum") { Description = "Tell unchanged files by their content, not by size and time" };
    private readonly Option<bool> _noHash = new("--no-file-hash") { Description = "Leave the SHA-256 of large files out of the report" };
    private readonly Option<string> _chunk = new("--chunk") { HelpName = "SIZE", DefaultValueFactory = _ => "1MiB", Description = "What is checked and resumed together, 4KiB to 4MiB in steps of 4KiB" };
    private readonly Option<bool> _noProgress = new("--no-progress") { Description = "No progress bar" };

    public P2pSendCommand()
        : base(
            "send",
            "Send files and folders to another machine",
            new Example("parley p2p send backup.tar agent-b", "agent-b runs: parley p2p recv"),
            new Example("parley p2p send photos notes.txt agent-b --exclude '*.tmp'", "folders and files together"),
            new Example("parley p2p send --sync --delete site agent-b", "only what changed travels; what is gone here goes there"),
            new Example("pg_dump db | parley p2p send - agent-b --name db.sql", "standard input"),
            new Example("parley p2p send config.yaml -l site=berlin", "to every agent with the label"))
    {
        Add(_words);
        foreach (var option in (Option[])[_selector, _name, _path, _timeout, _rate, _exclude, _follow, _sync, _delete, _checksum, _noHash, _chunk, _noProgress])
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
        var selector = parsed.GetValue(_selector);
        var words = parsed.GetValue(_words) ?? [];
        if (selector is null && words.Length < 2)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "Give what is sent, and then either a TARGET or -l SELECTOR.");
        }

        var patience = DurationText.ParseWait(parsed.GetValue(_timeout)!, _timeout.Name);
        var options = OptionsOf(context, parsed, selector is null ? words[..^1] : words);
        if (options.Stream is not null && selector is not null)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "Standard input can be read once: it goes to one TARGET.");
        }

        await using var peering = await P2pHome.AttachAsync(context, parsed, SessionRole.Caller, [], cancellationToken);
        if (selector is not null)
        {
            return await SendToAllAsync(context, peering, selector, options, patience, cancellationToken);
        }

        var showsBar = !context.IsJson && !parsed.GetValue(_noProgress) && context.Terminal.Traits.IsErrorTerminal;
        var result = await SendAsync(context, peering, words[^1], options, patience, showsBar, cancellationToken);
        return TransferText.Finish(context, result, "sent to", words[^1]);
    }

    private static async Task<int> SendToAllAsync(CommandContext context, AgentPeering peering, string selector, SendOptions options, TimeSpan patience, CancellationToken cancellationToken)
    {
        var targets = await AgentList.SelectAsync(peering.Link, selector, peering.Profile.Agent, cancellationToken);
        var failed = 0;
        using var room = new SemaphoreSlim(MaxAtOnce);
        await Task.WhenAll(targets.Select(async target =>
        {
            await room.WaitAsync(cancellationToken);
            try
            {
                var exit = TransferText.Finish(context, await SendAsync(context, peering, target, options, patience, showsBar: false, cancellationToken), "sent to", target);
                Interlocked.Add(ref failed, exit == 0 ? 0 : 1);
            }
            catch (ParleyException exception)
            {
                context.Terminal.Note($"{target}: {TransferText.Line(exception.Message)} ({exception.Row.Fixer})");
                if (context.IsJson)
                {
                    var json = new P2pFailedJson(target, new P2pErrorJson(exception.Row.WireName, exception.Message));
                    context.Terminal.WriteJson(JsonSerializer.Serialize(json, P2pJson.Compact.P2pFailedJson));
                }

                Interlocked.Increment(ref failed);
            }
            finally
            {
                room.Release();
            }
        }));
        context.Terminal.Note($"{targets.Count - failed} of {targets.Count} agents have it");
        return failed == 0 ? 0 : 1;
    }

    private static async Task<TransferResult> SendAsync(
        CommandContext context, AgentPeering peering, string target, SendOptions options, TimeSpan patience, bool showsBar, CancellationToken cancellationToken)
    {
        await using var session = await P2pMeeting.OpenAsync(context, peering, target, PeerPurpose.Transfer, patience, Remedy, cancellationToken);
        P2pHome.Introduce(context, session);
        var progress = new TransferProgress();
        using var sender = new FileSender(session, options, progress, context.Time, context.Loggers.CreateLogger("Parley.Transfer"));
        try
        {
            var sending = sender.SendAsync(cancellationToken);
            if (showsBar)
            {
                await new Meter(context.Terminal, context.Time).ShowAsync(() => TransferText.Read(progress), sending);
            }

            return await sending;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            context.Terminal.Note(options.Stream is null ? "what arrived is kept: the same command goes on where this one was" : "what arrived of standard input cannot be gone on with");
            throw;
        }
    }

    private SendOptions OptionsOf(CommandContext context, ParseResult parsed, string[] paths)
    {
        var rate = parsed.GetValue(_rate) is { } text ? SizeText.Parse(text) : (long?)null;
        var chunk = SizeText.Parse(parsed.GetValue(_chunk)!);
        if (rate < MinRate || chunk is < TransferLimits.MinChunkBytes or > TransferLimits.MaxChunkBytes || chunk % TransferLimits.MinChunkBytes != 0)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "--limit-rate is at least 1KiB; --chunk is 4KiB to 4MiB, in steps of 4KiB.");
        }

        var mode = (parsed.GetValue(_sync) ? TransferMode.Sync : 0) | (parsed.GetValue(_delete) ? TransferMode.Delete : 0) |
            (parsed.GetValue(_checksum) ? TransferMode.Checksum : 0) | (parsed.GetValue(_noHash) ? TransferMode.NoFileHash : 0);
        if ((mode & (TransferMode.Sync | TransferMode.Delete)) == TransferMode.Delete)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "--delete goes with --sync.");
        }

        if (parsed.GetValue(_words)!.FirstOrDefault(static word => word.StartsWith("--", StringComparison.Ordinal)) is { } unknown)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, $"There is no option {unknown}; a file of that name is ./{unknown}.");
        }

        var missing = paths.FirstOrDefault(path => path != "-" && !Path.Exists(path) && new FileInfo(path).LinkTarget is null);
        return missing is not null
            ? throw new ParleyException(ErrorCode.NotFound, $"There is no file or folder {missing}.")
            : new SendOptions
            {
                Paths = [.. paths.Where(path => path != "-")],
                Stream = paths.Contains("-") ? context.Terminal.Input : null,
                StreamName = parsed.GetValue(_name)!,
                Mode = mode,
                Excludes = parsed.GetValue(_exclude) ?? [],
                FollowsLinks = parsed.GetValue(_follow),
                BytesPerSecond = rate,
                BeginTimeout = DurationText.ParseWait(parsed.GetValue(_timeout)!, _timeout.Name),
                AllowedPaths = TransferText.PathsOf(parsed.GetValue(_path)!),
                Limits = new TransferLimits { ChunkBytes = (int)chunk },
            };
    }
}
