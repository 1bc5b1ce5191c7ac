using System.CommandLine;
using Google.Protobuf;
using Parley.Cli.A2a.Remote;
using Parley.Client.Messaging;
using Parley.Client.PeerApi.Asking;
using Parley.Output;
using Parley.Protocol.Errors;
using Parley.Protocol.Formats;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Cli.A2a;

/// <summary><c>parley a2a send</c>: sends a message and waits for the answer.</summary>
internal sealed class SendCommand : ParleyCommand
{
    private readonly Argument<string[]> _words = new("TARGET MESSAGE") { Arity = new ArgumentArity(0, 2), Description = "An agent's name or address, or a2a:URL for one outside of the hub, then the message; '-' or no message reads standard input" };
    private readonly Option<string?> _file = new("--file") { HelpName = "F", Description = "Send this file, up to 16 MiB; with a message it is attached to it" };
    private readonly Option<string> _type = new("--type") { HelpName = "T", DefaultValueFactory = _ => "auto", Description = "auto, text, command or file" };
    private readonly Option<string> _timeout = new("--timeout") { HelpName = "D", DefaultValueFactory = _ => "90s", Description = "How long to wait for the answer, up to 30d; progress extends it" };
    private readonly Option<bool> _noWait = new("--no-wait") { Description = "Return as soon as the message is accepted" };
    private readonly Option<bool> _queue = new("--queue") { Description = "Keep a command, or a text that a shell would run, beyond the wait" };
    private readonly Option<string?> _ttl = new("--ttl") { HelpName = "D", Description = "How long the message may wait for its receiver [default: 24h]" };
    private readonly Option<bool> _online = new("--online") { Description = "Fail at once when the target has no listener" };
    private readonly Option<string?> _thread = new("--thread") { HelpName = "ID", Description = "The conversation it belongs to; messages of one thread keep their order" };
    private readonly Option<string?> _meta = new("--meta") { HelpName = "K=V,...", Description = "Facts for the receiver, as PARLEY_CONTEXT" };
    private readonly Option<string?> _selector = new("--selector", "-l") { HelpName = "SELECTOR", Description = "Send to every agent whose labels fit, k=v or k!=v, joined by commas; there is no TARGET then" };
    private readonly Option<string?> _data = new("--data") { HelpName = "JSON", Description = "For a2a:URL: a value for programs, beside the message or instead of it" };
    private readonly Option<string?> _task = new("--task") { HelpName = "ID", Description = "For a2a:URL: the task that this answers" };
    private readonly RemoteOptions _remote = new();
    private readonly Option<bool> _noProgress = new("--no-progress") { Description = "No progress bar for large files" };
    private readonly Option<string?> _save = new("--save") { HelpName = "DIR", Description = "Put files that come back with the answer here; with -l, in a folder for each agent" };

    public SendCommand()
        : base(
            "send",
            "Send a message and wait for the answer",
            new Example("parley a2a send agent-b \"systemctl status nginx\"", "agent-b's --exec program gets it; its output and exit code come back"),
            new Example("cat config.yaml | parley a2a send agent-b", "the message is standard input"),
            new Example("parley a2a send agent-b --file app.conf", "a file, saved by the listener"),
            new Example("parley a2a send -l site=berlin --type command \"uptime\"", "every agent with the label, and a summary"),
            new Example("PARLEY_A2A_TOKEN=... parley a2a send a2a:https://example.org/agents/x \"hello\"", "an agent of anybody's that speaks A2A"))
    {
        Add(_words);
        foreach (var option in (Option[])[_file, _type, _timeout, _noWait, _queue, _ttl, _online, _thread, _meta, _selector, _save, _noProgress, _data, _task, .. _remote.All, CommonOptions.Json])
        {
            Add(option);
        }

        OnRun(RunAsync);
    }

    private async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        var selector = parsed.GetValue(_selector);
        var words = parsed.GetValue(_words) ?? [];
        if (selector is null ? words.Length == 0 : words.Length == 2)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "Give either a TARGET or -l SELECTOR, and one MESSAGE.");
        }

        if (selector is null && RemoteTarget.Is(words[0]))
        {
            return await SendRemoteAsync(context, parsed, words, cancellationToken);
        }

        if (parsed.GetValue(_data) is not null || parsed.GetValue(_task) is not null)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "--data and --task are for a2a:URL.");
        }

        var request = await ReadRequestAsync(context, parsed, words.ElementAtOrDefault(selector is null ? 1 : 0), cancellationToken);
        await using var home = await HomeLink.OpenAsync(context, cancellationToken);
        if (selector is not null)
        {
            return await new FanOut(context, home, parsed.GetValue(_save)).SendAsync(selector, request, cancellationToken);
        }

        var output = new SendOutput(context, parsed.GetValue(_save));
        using var asking = new CancelQuestion(context.Terminal, cancellationToken);
        var sending = home.Sender.SendAsync(words[0], request, output, asking.Token);
        var bytes = request.Message.CalculateSize();
        if (SendProgress.IsWanted(context.Terminal, bytes, parsed.GetValue(_noProgress) || context.IsJson))
        {
            await SendProgress.ShowAsync(context.Terminal, bytes, () => home.Link.PendingBytes, sending, context.Time);
        }

        return await Task.WhenAny(sending, asking.Left) == sending ? output.Finish(await sending) : output.Leave();
    }

    private async Task<int> SendRemoteAsync(CommandContext context, ParseResult parsed, string[] words, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(_queue) || parsed.GetValue(_online) || parsed.GetValue(_ttl) is not null || parsed.GetValue(_type) is not ("auto" or "text"))
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "--queue, --online, --ttl and --type are the hub's: leave them away for a2a:URL.");
        }

        var file = parsed.GetValue(_file) is { } path ? await FileParts.ReadAsync(path, cancellationToken) : null;
        var hasOther = file is not null || parsed.GetValue(_data) is not null;
        var text = words.Length == 1 && hasOther ? null : (await ReadTextAsync(context, words.ElementAtOrDefault(1), cancellationToken)).ToStringUtf8();
        var meta = new Dictionary<string, string>(KeyValues.Parse(parsed.GetValue(_meta)));
        PeerBudget.TakeAlong(meta, PeerBudget.Of(context.Environment).HopsLeft);
        var message = new RemoteMessage(EnvelopeId.Make(context.FillRandom).Value, text)
        {
            File = file is null ? null : (file.Name, file.Content),
            Data = parsed.GetValue(_data),
            Context = parsed.GetValue(_thread),
            Task = parsed.GetValue(_task),
            Meta = meta,
            Waits = !parsed.GetValue(_noWait),
        };
        return await new RemoteSend(context, _remote).RunAsync(parsed, words[0], message, DurationText.ParseWait(parsed.GetValue(_timeout)!, _timeout.Name), parsed.GetValue(_save), cancellationToken);
    }

    private async Task<SendRequest> ReadRequestAsync(CommandContext context, ParseResult parsed, string? text, CancellationToken cancellationToken)
    {
        var file = parsed.GetValue(_file);
        var type = TypeOf(parsed.GetValue(_type)!, file is not null && text is null);
        var timeout = DurationText.ParseWait(parsed.GetValue(_timeout)!, _timeout.Name);
        var waits = !parsed.GetValue(_noWait);
        var message = new Message { TimeoutMs = waits && !parsed.GetValue(_queue) ? (ulong)timeout.TotalMilliseconds : 0 };
        if (file is not null && text is null)
        {
            var part = await FileParts.ReadAsync(file, cancellationToken);
            (message.Name, message.Content, message.Sha256) = (part.Name, part.Content, part.Sha256);
        }
        else
        {
            message.Content = await ReadTextAsync(context, text, cancellationToken);
            if (file is not null)
            {
                message.Files.Add(await FileParts.ReadAsync(file, cancellationToken));
            }
        }

        if (message.CalculateSize() > MessagingLimits.MaxBodyBytes)
        {
            throw new ParleyException(ErrorCode.MessageTooLarge, "A message or file is at most 16 MiB here; parley p2p send has no limit.");
        }

        foreach (var (key, value) in KeyValues.Parse(parsed.GetValue(_meta)))
        {
            message.Meta[key] = value;
        }

        PeerBudget.TakeAlong(message.Meta, PeerBudget.Of(context.Environment).HopsLeft);
        var ttl = parsed.GetValue(_ttl) is { } wish ? DurationText.Parse(wish) : (TimeSpan?)null;
        return new SendRequest(message, type)
        {
            Waits = waits,
            Timeout = timeout,
            // A command that somebody waits for must not run at midnight by surprise (DECISIONS 10).
            TimeToLive = ttl ?? (type == MessageType.Command && waits && !parsed.GetValue(_queue) ? timeout : null),
            IsOnlineOnly = parsed.GetValue(_online),
            Thread = parsed.GetValue(_thread),
            Cause = context.Environment("PARLEY_CAUSE"),
        };
    }

    private static async Task<ByteString> ReadTextAsync(CommandContext context, string? text, CancellationToken cancellationToken)
    {
        if (text is not null and not "-")
        {
            return ByteString.CopyFromUtf8(text);
        }

        if (text is null && context.Terminal.Traits.IsInputTerminal)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "There is no MESSAGE, and standard input is a terminal.");
        }

        return await ByteString.FromStreamAsync(new BoundedStream(context.Terminal.Input, MessagingLimits.MaxContentBytes), cancellationToken);
    }

    private static MessageType TypeOf(string text, bool isFile) => text switch
    {
        "auto" => isFile ? MessageType.File : MessageType.Auto,
        "text" => MessageType.Text,
        "command" => MessageType.Command,
        "file" => MessageType.File,
        _ => throw new ParleyException(ErrorCode.InvalidArgument, "--type is auto, text, command or file."),
    };
}
