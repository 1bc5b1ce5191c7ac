using System.CommandLine;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Parley.Cli.PeerToPeer.Chat;
using Parley.Client.Chat;
using Parley.Client.Peering;
using Parley.Client.Peering.Meetings;
using Parley.Protocol.Errors;
using Parley.Protocol.Formats;
using Parley.Protocol.Wire;

namespace Parley.Cli.PeerToPeer;

/// <summary><c>parley p2p chat</c>: two people, or programs, talk from machine to machine.</summary>
internal sealed class P2pChatCommand : ParleyCommand
{
    private static readonly TimeSpan _farewell = TimeSpan.FromSeconds(3);

    private readonly Argument<string?> _target = new("TARGET") { Arity = ArgumentArity.ZeroOrOne, Description = "An agent: name or owner.name. Without it: wait for somebody" };
    private readonly Option<string?> _from = new("--from") { HelpName = "NAME,...", Description = "While waiting: take these agents without asking, and nobody else" };
    private readonly Option<bool> _yes = new("--yes", "-y") { Description = "While waiting: take whoever may reach this agent, without asking" };
    private readonly Option<string> _timeout = new("--timeout") { HelpName = "D", DefaultValueFactory = _ => "5m", Description = "How long TARGET is waited for, at first and when it is lost; up to 30d" };
    private readonly Option<string> _output = new("--output", "-o") { HelpName = "DIR", DefaultValueFactory = _ => ".", Description = "The folder that files go into which you take" };
    private readonly Option<string?> _history = new("--history") { HelpName = "FILE", Description = "Add what is said to a file; without it nothing is kept" };
    private readonly Option<string> _path = new("--path") { HelpName = "WAY", DefaultValueFactory = _ => "auto", Description = "auto, direct, webrtc or relay" };

    public P2pChatCommand()
        : base(
            "chat",
            "Talk with somebody at another machine; what is said goes from machine to machine",
            new Example("parley p2p chat agent-b", "agent-b types: parley p2p chat agent-a"),
            new Example("parley p2p chat", "wait for somebody, and ask before talking"),
            new Example("echo 'the build is green' | parley p2p chat agent-b", "say a line and leave when it has arrived"),
            new Example("parley p2p chat --from agent-a --json", "a program talks: JSON lines in and out"))
    {
        Add(_target);
        foreach (var option in (Option[])[_from, _yes, _timeout, _output, _history, _path])
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
        var target = parsed.GetValue(_target);
        var isPerson = !context.IsJson && context.Terminal is { Keys: not null, Traits: { IsInputTerminal: true, IsOutputTerminal: true, IsErrorTerminal: true } };
        var asks = target is null && !parsed.GetValue(_yes) && parsed.GetValue(_from) is null;
        if (asks && !isPerson)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "Nobody can be asked here: name a TARGET, or say with --from NAME,... who is talked to; --yes takes everybody who may reach this agent.");
        }

        var patience = DurationText.ParseWait(parsed.GetValue(_timeout)!, _timeout.Name);
        var options = new ChatOptions { AllowedPaths = TransferText.PathsOf(parsed.GetValue(_path)!) };
        using var history = parsed.GetValue(_history) is { } file ? ChatHistory.Open(file) : null;
        await using var peering = await P2pHome.AttachAsync(context, parsed, target is null ? SessionRole.Chat : SessionRole.Caller, [PeerPurpose.Chat], cancellationToken);
        var self = peering.Profile.Agent;
        var welcomed = parsed.GetValue(_from) is { } names ? AgentNames.Of(names, self) : null;
        await using var meeting = new PeerMeeting(
            peering, PeerPurpose.Chat, self, target, patience, (session, token) => WelcomeAsync(context, session, asks, welcomed?.Contains(session.Remote) ?? true, token), context.Time, context.Loggers.CreateLogger("Parley.Chat"))
        {
            TellAsync = ChatRefusal.TellAsync,
        };
        ChatTalk? talk = null;
        var prompt = isPerson ? new ChatPrompt(context.Terminal, context.Terminal.Keys!, isTyping => talk?.Type(isTyping)) : null;
        using var resized = prompt is null || OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => prompt.Redraw());
        using var desk = new ChatDesk(context, context.IsJson ? new ChatJsonScreen(context.Terminal) : new ChatTextScreen(context, prompt), history, self.ToString(), parsed.GetValue(_output)!);
        talk = new ChatTalk(meeting, desk, options, context.Time, context.FillRandom, context.Loggers.CreateLogger("Parley.Chat"));
        desk.Use(talk);
        meeting.Start();
        context.Terminal.Status(target is null ? "listening" : $"looking for {target}");
        return await TalkAsync(context, talk, desk, prompt, patience, cancellationToken);
    }

    private static async Task<int> TalkAsync(CommandContext context, ChatTalk talk, ChatDesk desk, ChatPrompt? prompt, TimeSpan patience, CancellationToken cancellationToken)
    {
        // Ctrl-C says goodbye first, for as long as that may take.
        using var hard = new CancellationTokenSource();
        await using var soft = cancellationToken.Register(() =>
        {
            talk.Leave();
            hard.CancelAfter(desk.Met.IsCompleted ? _farewell : TimeSpan.Zero);
        });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var talking = talk.RunAsync(hard.Token);
        var typing = TypeAsync(context, talk, desk, prompt, patience, stop.Token);
        try
        {
            // Who was stopped still says goodbye.
            if (await Task.WhenAny(talking, typing) == typing && !cancellationToken.IsCancellationRequested)
            {
                await typing;
            }

            await talking;
            cancellationToken.ThrowIfCancellationRequested();
            context.Terminal.Note(prompt is not null && talk.Waiting is > 0 and var waiting ? $"the chat is over; {waiting} of your messages may not have arrived" : "the chat is over");
        }
        catch (OperationCanceledException) when (prompt is not null)
        {
            // A person left.
        }
        finally
        {
            await stop.CancelAsync();
            await hard.CancelAsync();
            await desk.EndAsync();
            await Task.WhenAll(talking, typing).ContinueWith(static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        return prompt is null ? desk.Exit : 0;
    }

    private static async Task TypeAsync(CommandContext context, ChatTalk talk, ChatDesk desk, ChatPrompt? prompt, TimeSpan patience, CancellationToken cancellationToken)
    {
        await desk.Met.WaitAsync(cancellationToken);
        await foreach (var line in prompt?.ReadAsync(cancellationToken) ?? LinesAsync(context, cancellationToken))
        {
            if (!await desk.DoAsync(line, cancellationToken))
            {
                break;
            }
        }

        if (prompt is null)
        {
            await FinishAsync(desk, patience, cancellationToken);
        }

        talk.Leave();
    }

    private static async Task FinishAsync(ChatDesk desk, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        try
        {
            await desk.FinishAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ParleyException(ErrorCode.DeadlineExceeded, "Not everything that was said has arrived.");
        }
    }

    private static async IAsyncEnumerable<string> LinesAsync(CommandContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(context.Terminal.Input, new UTF8Encoding(false), leaveOpen: true);
        while (await reader.ReadLineAsync(CancellationToken.None).AsTask().WaitAsync(cancellationToken) is { } line)
        {
            yield return line;
        }
    }

    private static async Task<bool> WelcomeAsync(CommandContext context, IPeerSession session, bool asks, bool isWelcome, CancellationToken cancellationToken)
    {
        if (!asks || !isWelcome)
        {
            return isWelcome;
        }

        P2pHome.Introduce(context, session);
        return await context.Terminal.ConfirmAsync($"{session.Remote} ({P2pHome.WordOf(session.Trust)}) wants to chat: talk?", cancellationToken);
    }
}
