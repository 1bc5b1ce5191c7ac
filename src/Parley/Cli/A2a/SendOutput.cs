using System.Text.Json;
using Parley.Client.Messaging;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Cli.A2a;

/// <summary>Prints one send: output as it comes, then what the reply adds, and gives the exit code.</summary>
internal sealed class SendOutput : ISendObserver
{
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
                _context.Terminal.Status(note);
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
                SaveFiles(withFiles);
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

    /// <summary>The exit code of a result: the remote command's own, else what the error says.</summary>
    public static int ExitOf(SendResult result) => result switch
    {
        { Reply: { ErrorCode.Length: > 0 } failed } => ErrorMap.Of(ErrorMap.FromWireName(failed.ErrorCode)).Exit,
        { Reply: { HasExitCode: true } ran } => ran.ExitCode,
        { Reply: not null } => 0,
        { Error: { } error } => error.Row.Exit,
        { Status: SendStatus.Delivered or SendStatus.Read or SendStatus.Held } => 0,
        _ => 1,
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
        if (result.Reply is { ErrorCode.Length: > 0 } failed)
        {
            var row = ErrorMap.Of(ErrorMap.FromWireName(failed.ErrorCode));
            _context.Terminal.Note($"{failed.ErrorMessage} ({row.Fixer})");
        }
        else if (result.Reply is null && result.Error is { } error)
        {
            _context.Terminal.Note($"{error.Message} ({error.Row.Fixer})");
        }
        else if (result.Reply is null && !_context.IsJson)
        {
            _context.Terminal.Note($"{result.Id} {result.Status.ToString().ToLowerInvariant()}");
        }

        return ExitOf(result);
    }

    private void SaveFiles(Reply reply)
    {
        if (_saveFolder is null)
        {
            _context.Terminal.Note($"{reply.Files.Count} files came with the answer: give --save DIR to keep them");
            return;
        }

        foreach (var file in reply.Files)
        {
            var path = ReceivedFiles.Save(_saveFolder, file.Name, new Body(file.Content.Memory));
            _context.Terminal.Note($"saved {Path.GetFileName(path)}");
        }
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
