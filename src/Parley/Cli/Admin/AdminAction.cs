using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Parley.Client.HubApi;
using Parley.Output;
using Parley.Protocol.Errors;
using Parley.Protocol.Formats;
using Parley.Protocol.Management;

namespace Parley.Cli.Admin;

/// <summary>A command of <c>parley admin</c> that makes one call and prints what came back.</summary>
internal abstract class AdminAction : ParleyCommand
{
    protected AdminAction(string name, string description, params Example[] examples)
        : base(name, description, examples)
    {
        Add(CommonOptions.Json);
        OnRun(async (context, parsed, cancellationToken) =>
        {
            using var client = AdminClient.Open(context, parsed);
            await RunAsync(new AdminCall(context, client), parsed, cancellationToken);
            return 0;
        });
    }

    /// <summary>The JSON of the calls.</summary>
    protected static ManagementJson Json => ManagementJson.Answers;

    /// <summary>Makes the call and prints.</summary>
    protected abstract Task RunAsync(AdminCall call, ParseResult parsed, CancellationToken cancellationToken);

    /// <summary>Reads a lifetime in whole seconds; <c>never</c> is 0.</summary>
    protected static long? Seconds(string? text)
    {
        if (text is null or "never")
        {
            return text is null ? null : 0;
        }

        var seconds = (long)DurationText.Parse(text).TotalSeconds;
        return seconds > 0 ? seconds : throw new ParleyException(ErrorCode.InvalidArgument, "A lifetime is at least 1s, or never.");
    }

    /// <summary>A time as people read it.</summary>
    protected static string Time(DateTimeOffset? at) => at is { } time ? $"{time.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}" : string.Empty;

    /// <summary>Labels as they are typed.</summary>
    protected static string Text(IReadOnlyDictionary<string, string> labels) => string.Join(',', labels.Select(label => $"{label.Key}={label.Value}"));
}

/// <summary>A call of an admin under way.</summary>
/// <param name="Context">The world of the command.</param>
/// <param name="Client">The hub.</param>
internal sealed record AdminCall(CommandContext Context, HubApiClient Client)
{
    /// <summary>Prints JSON when it was asked for, else the text.</summary>
    public void Print<T>(T value, JsonTypeInfo<T> type, Func<T, string> text) =>
        Context.Print(value, type, text);

    /// <summary>Prints a list, and says when there is more.</summary>
    public void PrintList<T>(Page<T> page, JsonTypeInfo<Page<T>> type, string[] heads, Func<T, string[]> row)
    {
        if (Context.IsJson)
        {
            Context.Terminal.WriteJson(JsonSerializer.Serialize(page, type));
            return;
        }

        Context.Terminal.Write(TextTable.Of(heads, page.Data.Select(row)));
        if (page.Meta.Offset + page.Data.Count < page.Meta.Total)
        {
            Context.Terminal.Note($"{page.Data.Count} of {page.Meta.Total}; --limit and --offset show others");
        }
    }
}
