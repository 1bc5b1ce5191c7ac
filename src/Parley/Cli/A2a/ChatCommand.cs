using System.CommandLine;
using System.Text;
using Google.Protobuf;
using Parley.Client.Messaging;
using Parley.Client.PeerApi.Asking;
using Parley.Protocol.Errors;
using Parley.Protocol.Formats;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Cli.A2a;

/// <summary><c>parley a2a chat</c>: a person talks with an agent, or with the person who chats there, on one thread.</summary>
internal sealed class ChatCommand : ParleyCommand
{
    private readonly Argument<string> _target = new("TARGET") { Description = "An agent: name or owner.name" };
    private readonly Option<string?> _thread = new("--thread") { HelpName = "ID", Description = "The conversation [default: the one of the two agents]" };
    private readonly Option<string> _timeout = new("--timeout") { HelpName = "D", DefaultValueFactory = _ => "5m", Description = "How long to wait for an answer, up to 30d; progress extends it" };
    private readonly Option<string?> _save = new("--save") { HelpName = "DIR", Description = "Where files are saved [default: received/ in the home folder]" };

    public ChatCommand()
        : base(
            "chat",
            "Talk with an agent, line by line",
            new Example("parley a2a chat agent-b", "a line is a message, its answer comes as it is produced; what agent-b writes meanwhile is shown"),
            new Example("printf 'uptime\\ndf -h\\n' | parley a2a chat agent-b --json", "a script: one JSON document for each answer"))
    {
        Add(_target);
        foreach (var option in new Option[] { _thread, _timeout, _save, CommonOptions.Json })
        {
            Add(option);
        }

        OnRun(RunAsync);
    }

    private async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        var home = context.OpenHome();
        var save = parsed.GetValue(_save) ?? home.PathOf("received");
        var timeout = DurationText.ParseWait(parsed.GetValue(_timeout)!, _timeout.Name);
        await using var link = await ChatLink.OpenAsync(context, home, new ChatResponder(context, save), cancellationToken);
        var peer = await link.ResolveAsync(parsed.GetValue(_target)!, cancellationToken);
        var thread = parsed.GetValue(_thread) ?? ChatThread.Of(link.Self, peer);
        link.Take(thread);
        context.Terminal.Status($"chatting with {peer} as {link.Self}");
        var talk = new Talk(context, link.Sender, peer.ToString(), thread, timeout, save);
        using var handler = context.Terminal.Interrupts.Handle(talk.TryStop);
        return await ReadAsync(context, talk, cancellationToken);
    }

    private static async Task<int> ReadAsync(CommandContext context, Talk talk, CancellationToken cancellationToken)
    {
        var isPerson = context.Terminal.Traits.IsInputTerminal;
        using var reader = new StreamReader(context.Terminal.Input, new UTF8Encoding(false), leaveOpen: true);
        var exit = 0;
        try
        {
            while (await reader.ReadLineAsync(CancellationToken.None).AsTask().WaitAsync(cancellationToken) is { } typed)
            {
                try
                {
                    var line = ChatLine.Read(typed);
                    if (line.Kind == ChatLineKind.Quit)
                    {
                        break;
                    }

                    exit = line.Kind switch
                    {
                        ChatLineKind.Message => await talk.SayAsync(line.Text, cancellationToken),
                        ChatLineKind.File => await talk.SendFileAsync(line.Text, cancellationToken),
                        _ => exit,
                    };
                    if (line.Kind == ChatLineKind.Help)
                    {
                        context.Terminal.Note(ChatLine.Help);
                    }
                }
                catch (ParleyException exception)
                {
                    // One bad line does not end a talk.
                    context.Terminal.Note($"{exception.Message} ({exception.Row.Fixer})");
                    exit = exception.Row.Exit;
                }
            }
        }
        catch (OperationCanceledException) when (isPerson)
        {
            return 0;
        }

        return isPerson ? 0 : exit;
    }

    /// <summary>One conversation: what is said, one message at a time.</summary>
    private sealed class Talk(CommandContext context, Sender sender, string peer, string thread, TimeSpan timeout, string saveFolder)
    {
        private readonly Lock _gate = new();
        private CancellationTokenSource? _running;

        /// <summary>Ctrl-C: stops what runs; false when nothing does, or it was stopped already.</summary>
        public bool TryStop()
        {
            lock (_gate)
            {
                if (_running is not { IsCancellationRequested: false } running)
                {
                    return false;
                }

                running.Cancel();
                return true;
            }
        }

        public Task<int> SayAsync(string text, CancellationToken cancellationToken) =>
            SendAsync(new Message { Content = ByteString.CopyFromUtf8(text) }, MessageType.Auto, cancellationToken);

        public async Task<int> SendFileAsync(string path, CancellationToken cancellationToken)
        {
            var part = await FileParts.ReadAsync(path, cancellationToken);
            return await SendAsync(new Message { Name = part.Name, Content = part.Content, Sha256 = part.Sha256 }, MessageType.File, cancellationToken);
        }

        private async Task<int> SendAsync(Message message, MessageType type, CancellationToken cancellationToken)
        {
            using var running = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            lock (_gate)
            {
                _running = running;
            }

            try
            {
                PeerBudget.TakeAlong(message.Meta, PeerBudget.Of(context.Environment).HopsLeft);
                message.TimeoutMs = (ulong)timeout.TotalMilliseconds;
                var output = new ChatOutput(new SendOutput(context, saveFolder));
                var request = new SendRequest(message, type) { Timeout = timeout, Thread = thread, Cause = context.Environment("PARLEY_CAUSE") };
                var sending = sender.SendAsync(peer, request, output, running.Token);
                if (await Task.WhenAny(sending, output.Held) != sending)
                {
                    // Its answer, should one come while the chat is open, comes between the lines.
                    _ = sending.ContinueWith(done => output.Finish(done.GetAwaiter().GetResult()), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
                    return 0;
                }

                return output.Finish(await sending);
            }
            finally
            {
                lock (_gate)
                {
                    _running = null;
                }
            }
        }
    }

    /// <summary>Prints an answer as it comes, and says when the message waits in a mailbox instead.</summary>
    private sealed class ChatOutput(SendOutput output) : ISendObserver
    {
        private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Held => _held.Task;

        public void OnPart(string target, Part part) => output.OnPart(target, part);

        public void OnReceipt(string target, Receipt receipt)
        {
            output.OnReceipt(target, receipt);
            if (receipt.State == ReceiptState.Held)
            {
                _held.TrySetResult();
            }
        }

        public int Finish(SendResult result) => output.Finish(result);
    }
}
