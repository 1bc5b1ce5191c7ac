using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Parley.Client.Messaging;
using Parley.Client.Responders;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Cli.A2a;

/// <summary>Shows what others write while a chat is open. The empty answer tells their side that it was seen, and ends the request, so that a long talk is no chain of messages.</summary>
internal sealed class ChatResponder(CommandContext context, string saveFolder) : IResponder, IMessageDesk
{
    /// <inheritdoc/>
    public ResponderTraits Traits => ResponderTraits.None;

    /// <inheritdoc/>
    public async IAsyncEnumerable<ResponderEvent> RespondAsync(ResponderRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (request.Type == MessageType.File)
        {
            Save(request);
        }
        else
        {
            Show(request);
        }

        await Task.CompletedTask;
        yield break;
    }

    /// <inheritdoc/>
    public Task ShowAsync(Envelope envelope, ResponderRequest request, CancellationToken cancellationToken)
    {
        Show(request);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<string> SaveAsync(Envelope envelope, ResponderRequest request, CancellationToken cancellationToken) => Task.FromResult(Save(request));

    /// <inheritdoc/>
    public void Answered(Envelope envelope, ResponderRequest request, Reply reply)
    {
    }

    private string Save(ResponderRequest request)
    {
        var name = Path.GetFileName(ReceivedFiles.Save(saveFolder, request.FileName, request.Content));
        if (context.IsJson)
        {
            PrintJson(ReceivedJson.Of(request, name, null));
        }
        else
        {
            context.Terminal.Note($"{request.From} sent {name} ({request.Content.Length} bytes), saved in {saveFolder}");
        }

        return name;
    }

    private void Show(ResponderRequest request)
    {
        foreach (var file in request.Files)
        {
            context.Terminal.Note($"saved {Path.GetFileName(ReceivedFiles.Save(saveFolder, file.Name, file.Content))} from {request.From}");
        }

        if (context.IsJson)
        {
            PrintJson(ReceivedJson.Of(request, null, null));
            return;
        }

        context.Terminal.WriteLine($"{request.From}: {Indented(request.Content)}");
    }

    // A line that begins at the margin says who speaks: nobody writes one for another by a line break.
    private static string Indented(Body text) => Encoding.UTF8.GetString(text.Bytes.Span).TrimEnd('\r', '\n').ReplaceLineEndings("\n  ");

    private void PrintJson(ReceivedJson json) => context.Terminal.WriteJson(JsonSerializer.Serialize(json, A2aJson.Compact.ReceivedJson));
}
