using System.Text.Json;
using Parley.Client.Messaging;
using Parley.Client.Responders;
using Parley.Output;
using Parley.Protocol.Wire;

namespace Parley.Cli.A2a;

/// <summary>Shows messages on the terminal, or as one JSON line each, and saves their files.</summary>
internal sealed class TerminalDesk(CommandContext context, string saveFolder) : IMessageDesk
{
    /// <inheritdoc/>
    public Task ShowAsync(Envelope envelope, ResponderRequest request, CancellationToken cancellationToken)
    {
        foreach (var file in request.Files)
        {
            context.Terminal.Note($"saved {Path.GetFileName(ReceivedFiles.Save(saveFolder, file.Name, file.Content))} from {request.From}");
        }

        if (context.IsJson)
        {
            PrintJson(ReceivedJson.Of(request, null, null));
            return Task.CompletedTask;
        }

        var line = request.Content.Bytes.Span.EndsWith("\n"u8) ? string.Empty : "\n";
        context.Terminal.Status($"{request.From} {request.Id}");
        context.Terminal.Write([.. request.Content.Bytes.Span, .. System.Text.Encoding.UTF8.GetBytes(line)]);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<string> SaveAsync(Envelope envelope, ResponderRequest request, CancellationToken cancellationToken)
    {
        var name = Path.GetFileName(ReceivedFiles.Save(saveFolder, request.FileName, request.Content));
        if (context.IsJson)
        {
            PrintJson(ReceivedJson.Of(request, name, null));
        }
        else
        {
            context.Terminal.Note($"saved {name} ({request.Content.Length} bytes) from {request.From} in {saveFolder}");
        }

        return Task.FromResult(name);
    }

    /// <inheritdoc/>
    public void Answered(Envelope envelope, ResponderRequest request, Reply reply)
    {
        if (context.IsJson)
        {
            PrintJson(ReceivedJson.Of(request, null, reply));
        }
        else
        {
            // The reason too: whoever reads this can often mend it, and the sender cannot.
            var outcome = reply.ErrorCode.Length > 0 ? $"{reply.ErrorCode}: {SafeText.Line(reply.ErrorMessage)}" : reply.HasExitCode ? $"exit {reply.ExitCode}" : "answered";
            context.Terminal.Status($"{request.From} {request.Id}: {outcome}");
        }
    }

    private void PrintJson(ReceivedJson json) => context.Terminal.WriteJson(JsonSerializer.Serialize(json, A2aJson.Compact.ReceivedJson));
}
