using System.Text.Json;
using Parley.Cli.A2a.Remote;
using Parley.Client.Messaging;
using Parley.Output;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;
using TaskState = Parley.Gateway.Wire.V1.TaskState;

namespace Parley.Cli.A2a;

/// <summary>Prints one send: output as it comes, then what the reply adds, and gives the exit code.</summary>
internal sealed class SendOutput : ISendObserver
{
    private const int MaxExit = 255;

    private readonly Lock _gate = new();
    private readonly CommandContext _context;
    private readonly string? _saveFolder;
    private ulong _shownContent;
    private ulong _shownStderr;
    private bool _hasGap;
    private string? _id;

    /// <summary>An output for one target.</summary>
    /// <param name="context">Terminal and format.</param>
    /// <param name="saveFolder">Where files of the reply go; null leaves them out.</param>
    public SendOutput(CommandContext context, string? saveFolder)
    {
        _context = context;
        _saveFolder = saveFolder;
    }

    /// <inheritdoc/>
    public void OnPart(string target, Part part)
    {
        lock (_gate)
        {
            if (ProgressText.Of(part) is { } note)
            {
                _context.Terminal.Status(SafeText.Line(note));
            }

            if (part.Stream is not (PartStream.Content or PartStream.Stderr))
            {
                return;
            }

            ref var shown = ref part.Stream == PartStream.Stderr ? ref _shownStderr : ref _shownContent;
            _hasGap |= part.Offset > shown;
            if (_context.IsJson || _hasGap || part.Offset + (ulong)part.Data.Length <= shown)
            {
                return;
            }

            Print(part.Stream == PartStream.Stderr, part.Data.Span[(int)(shown - part.Offset)..]);
            shown = part.Offset + (ulong)part.Data.Length;
        }
    }

    /// <inheritdoc/>
    public void OnReceipt(string target, Receipt receipt)
    {
        _id = receipt.Id;
        if (!_context.IsJson && receipt.State == ReceiptState.Held)
        {
            _context.Terminal.Note(receipt.Message.Length > 0 ? receipt.Message : $"{target} is offline: the message waits in its mailbox");
        }
    }

    /// <summary>Prints what is left and gives the exit code.</summary>
    public int Finish(SendResult result)
    {
        lock (_gate)
        {
            if (_context.IsJson)
            {
                _context.Terminal.WriteJson(JsonSerializer.Serialize(SendJson.Of(result), A2aJson.Compact.SendJson));
            }
            else if (result.Reply is { } reply)
            {
                PrintRest(reply);
            }

            if (result.Reply is { Files.Count: > 0 } withFiles)
            {
                SaveFiles(_context, _saveFolder, withFiles, string.Empty);
            }

            return Explain(result);
        }
    }

    /// <summary>The person does not wait any longer; what runs goes on.</summary>
    public int Leave()
    {
        _context.Terminal.Note(_id is null ? "left before the hub had accepted it" : $"left; parley a2a result {_id} --follow fetches the answer");
        return Shell.StoppedExit;
    }

    /// <summary>The exit code of a result: what the error says, else the remote command's own, else what the answer's state says.</summary>
    public static int ExitOf(SendResult result) => result switch
    {
        { Reply: { ErrorCode.Length: > 0 } failed } => ErrorMap.Of(ErrorMap.FromWireName(failed.ErrorCode)).Exit,
        // A process ends with 0 to 255, and what is not 0 over there must not be 0 here.
        { Reply: { HasExitCode: true, ExitCode: not 0 } ran } => ran.ExitCode is > 0 and <= MaxExit ? ran.ExitCode : MaxExit,
        { Reply: { } answered } => RemoteOutput.ExitOf(StateOf(answered)),
        { Error: { } error } => error.Row.Exit,
        { Status: SendStatus.Delivered or SendStatus.Read or SendStatus.Held } => 0,
        _ => 1,
    };

    /// <summary>Why there is no answer, or none that goes on, and who can mend it; null where all went well.</summary>
    public static string? ReasonOf(SendResult result) => result switch
    {
        { Reply: { ErrorCode.Length: > 0 } failed } => $"{failed.ErrorMessage} ({ErrorMap.Of(ErrorMap.FromWireName(failed.ErrorCode)).Fixer})",
        { Reply.State: ReplyState.Rejected } => "the agent does not take this task",
        { Reply.State: ReplyState.AuthRequired } => "the agent wants proof before it goes on",
        { Reply: null, Error: { } error } => $"{error.Message} ({error.Row.Fixer})",
        _ => null,
    };

    /// <summary>Saves the files of an answer, or says that there are some.</summary>
    /// <param name="context">Where it is told.</param>
    /// <param name="folder">Where they go; null leaves them out.</param>
    /// <param name="reply">The answer.</param>
    /// <param name="whose">What each line begins with.</param>
    /// <exception cref="ParleyException">As <see cref="ReceivedFiles.Save"/>.</exception>
    public static void SaveFiles(CommandContext context, string? folder, Reply reply, string whose)
    {
        if (folder is null)
        {
            context.Terminal.Note($"{whose}{reply.Files.Count} files came with the answer: give --save DIR to keep them");
            return;
        }

        foreach (var file in reply.Files)
        {
            var path = ReceivedFiles.Save(folder, file.Name, new Body(file.Content.Memory));
            context.Terminal.Note($"{whose}saved {Path.GetFileName(path)}");
        }
    }

    private static TaskState? StateOf(Reply reply) => reply.State switch
    {
        ReplyState.Failed or ReplyState.Interrupted => TaskState.Failed,
        ReplyState.Canceled => TaskState.Canceled,
        ReplyState.AuthRequired => TaskState.AuthRequired,
        ReplyState.Rejected => TaskState.Rejected,
        _ => null,
    };

    private void PrintRest(Reply reply)
    {
        var isFirst = _shownContent == 0 && _shownStderr == 0;
        Print(false, reply.Content.Span[(int)Math.Min(_shownContent, (ulong)reply.Content.Length)..]);
        Print(true, reply.Stderr.Span[(int)Math.Min(_shownStderr, (ulong)reply.Stderr.Length)..]);
        if (isFirst && reply.Content.IsEmpty && reply.Meta.TryGetValue("saved_as", out var name))
        {
            _context.Terminal.Note($"saved as {name}");
        }
        else if (reply.Type == MessageType.Text && _context.Terminal.Traits.IsOutputTerminal && !reply.Content.IsEmpty && reply.Content[^1] != (byte)'\n')
        {
            _context.Terminal.WriteLine(string.Empty);
        }

        if (reply.Truncated)
        {
            _context.Terminal.Note("the answer was cut at the receiver's limit");
        }
    }

    private int Explain(SendResult result)
    {
        if (ReasonOf(result) is { } reason)
        {
            _context.Terminal.Note(reason);
        }
        else if (result.Reply is null && !_context.IsJson)
        {
            _context.Terminal.Note($"{result.Id} {result.Status.ToString().ToLowerInvariant()}");
        }

        return ExitOf(result);
    }

    private void Print(bool isError, ReadOnlySpan<byte> bytes)
    {
        if (isError)
        {
            _context.Terminal.WriteError(bytes);
        }
        else
        {
            _context.Terminal.Write(bytes);
        }
    }
}
