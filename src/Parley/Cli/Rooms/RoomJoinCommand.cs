using System.CommandLine;
using Parley.Protocol.Errors;

namespace Parley.Cli.Rooms;

/// <summary><c>parley room join</c>: takes the seat that a code stands for.</summary>
internal sealed class RoomJoinCommand : ParleyCommand
{
    private const int LongestCode = 200;

    private readonly RoomHubOptions _hub = new();
    private readonly Argument<string?> _code = new("CODE") { HelpName = "CODE|-", Arity = ArgumentArity.ZeroOrOne, Description = "The invite or listener code; - reads it from standard input [default: $A2A_INVITE]" };
    private readonly Option<FileInfo?> _codeFile = new("--code-file") { HelpName = "FILE", Description = "Read the code from a file" };

    public RoomJoinCommand()
        : base(
            "join",
            "Take the seat that a code stands for",
            new Example("parley room join invite_... --hub https://hub.example.org:7420 --pin ...", "the line that your partner gave you"),
            new Example("cat code.txt | parley room join -", "the code on standard input"))
    {
        Add(_code);
        Add(_codeFile);
        _hub.AddTo(this);
        Add(RoomSessionCommand.SessionOption);
        Add(CommonOptions.Json);
        OnRun(RunAsync);
    }

    private async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        var code = await ReadCodeAsync(context, parsed.GetValue(_code), parsed.GetValue(_codeFile), cancellationToken);
        var name = code.StartsWith("listen_", StringComparison.Ordinal) ? "host" : "join";
        return await RoomSeating.TakeAsync(
            context, _hub.Resolve(context, parsed), name, parsed.GetValue(RoomSessionCommand.SessionOption), name, door => door.JoinAsync(code, cancellationToken), cancellationToken);
    }

    /// <summary>The code: an argument, standard input, a file or the environment.</summary>
    internal static async Task<string> ReadCodeAsync(CommandContext context, string? given, FileInfo? file, CancellationToken cancellationToken)
    {
        string? text;
        try
        {
            text = file is not null ? await File.ReadAllTextAsync(file.FullName, cancellationToken)
                : given == "-" ? await context.Terminal.ReadAllInputAsync(cancellationToken)
                : given ?? context.Environment("A2A_INVITE");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "The file with the code cannot be read.", exception);
        }

        var code = text?.Trim() ?? string.Empty;
        return code.Length is > 0 and <= LongestCode && code.All(character => char.IsAsciiLetterOrDigit(character) || character == '_')
            ? code
            : throw new ParleyException(ErrorCode.InvalidArgument, "A code looks like invite_... or listen_...: give it as an argument, by - on standard input, or with --code-file.");
    }
}
