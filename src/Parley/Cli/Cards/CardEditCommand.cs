using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Parley.Cli.A2a;
using Parley.Client.Responders.Exec;
using Parley.Protocol.Errors;
using Parley.Protocol.Files;
using Parley.Protocol.Management;

namespace Parley.Cli.Cards;

/// <summary><c>parley card edit</c>: what the own card says, in an editor or from a file.</summary>
internal sealed class CardEditCommand : ParleyCommand
{
    private const string DraftName = "card.draft.json";

    private static readonly JsonWriterOptions _indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Option<string?> _file = new("--file") { HelpName = "FILE|-", Description = "Take the card from a file or standard input instead of an editor" };
    private readonly Option<bool> _reset = new("--reset") { Description = "Forget what was said: the hub writes the card again" };

    public CardEditCommand()
        : base(
            "edit",
            "Say what stands in the own card: description, skills, modes, version, provider",
            new Example("parley card edit", "in $VISUAL or $EDITOR"),
            new Example("parley card edit --file card.json", "from a file; what is the hub's in it is left out"),
            new Example("parley card edit --reset", "the card that the hub makes"))
    {
        Add(_file);
        Add(_reset);
        Add(CommonOptions.Json);
        OnRun(RunAsync);
    }

    private async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        var (file, isReset) = (parsed.GetValue(_file), parsed.GetValue(_reset));
        if (file is not null && isReset)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "Give --file or --reset, not both.");
        }

        JsonElement? given = file is null ? null : file == "-" ? CardCalls.Parse(await context.Terminal.ReadAllInputAsync(cancellationToken)) : CardCalls.ReadFile(file);
        await using var home = await HomeLink.OpenAsync(context, cancellationToken);
        var view = isReset ? await CardCalls.ResetAsync(home.Link, cancellationToken)
            : given is { } card ? await CardCalls.PutAsync(home.Link, card, cancellationToken)
            : await EditAsync(context, home, cancellationToken);
        if (view is null)
        {
            context.Terminal.Note("nothing changed");
            return 0;
        }

        foreach (var note in CardCalls.NotesOn(view))
        {
            context.Terminal.Note(note);
        }

        if (context.IsJson)
        {
            context.Terminal.WriteJson(view.Card.GetRawText());
        }
        else
        {
            context.Terminal.Note($"{view.Agent} has a new card");
        }

        return 0;
    }

    /// <summary>Lets a person edit; what the hub refuses stays in the draft, and the next edit begins with it.</summary>
    private static async Task<CardView?> EditAsync(CommandContext context, HomeLink home, CancellationToken cancellationToken)
    {
        var editor = context.Environment("VISUAL") is { Length: > 0 } visual ? visual : context.Environment("EDITOR");
        if (string.IsNullOrWhiteSpace(editor))
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "No editor: set VISUAL or EDITOR, or give --file FILE.");
        }

        var path = context.LocateHome(DraftName);
        var before = await DraftAsync(home, path, cancellationToken);
        await RunEditorAsync(CommandLine.Parse(editor), path, cancellationToken);
        var after = await File.ReadAllTextAsync(path, cancellationToken);
        if (after == before)
        {
            File.Delete(path);
            return null;
        }

        CardView view;
        try
        {
            view = await CardCalls.PutAsync(home.Link, CardCalls.Parse(after), cancellationToken);
        }
        catch (ParleyException exception)
        {
            throw new ParleyException(exception.Code, $"{exception.Message} What you wrote is kept: edit again to go on.", exception);
        }

        File.Delete(path);
        return view;
    }

    private static async Task<string?> DraftAsync(HomeLink home, string path, CancellationToken cancellationToken)
    {
        if (File.Exists(path))
        {
            // Left by an edit that was refused: sent again even if nobody touches it now.
            return null;
        }

        var view = await CardCalls.GetAsync(home.Link, agent: null, cancellationToken);
        var text = Encoding.UTF8.GetString(Editable(view.Said ?? view.Card));
        SecretFile.Write(path, Encoding.UTF8.GetBytes(text));
        return text;
    }

    private static byte[] Editable(JsonElement card)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, _indented))
        {
            writer.WriteStartObject();
            foreach (var name in new[] { "description", "version", "provider", "documentationUrl", "iconUrl", "defaultInputModes", "defaultOutputModes", "skills" })
            {
                if (card.TryGetProperty(name, out var value))
                {
                    writer.WritePropertyName(name);
                    value.WriteTo(writer);
                }
            }

            if (card.TryGetProperty("capabilities", out var capabilities) && capabilities.TryGetProperty("extensions", out var extensions))
            {
                writer.WriteStartObject("capabilities");
                writer.WritePropertyName("extensions");
                extensions.WriteTo(writer);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }

    private static async Task RunEditorAsync(CommandLine editor, string path, CancellationToken cancellationToken)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(editor.Words[0], [.. editor.Words.Skip(1), path]))!;
            await process.WaitForExitAsync(cancellationToken);
            if (process.ExitCode != 0)
            {
                throw new ParleyException(ErrorCode.InvalidArgument, $"The editor ended with code {process.ExitCode}: nothing was sent.");
            }
        }
        catch (Win32Exception exception)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, $"The editor '{editor.Words[0]}' cannot be started: set VISUAL or EDITOR.", exception);
        }
    }
}
