using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Parley.Cli.Admin;
using Parley.Protocol.Errors;
using Parley.Protocol.Management;

namespace Parley.Cli.Connections;

/// <summary>A command on one connection.</summary>
internal abstract class ConnectionAction : AdminAction
{
    private readonly Argument<string> _id = new("ID") { Description = "Which, as the list names it" };

    protected ConnectionAction(string name, string description, params Example[] examples)
        : base(name, description, examples) => Add(_id);

    /// <summary>The connection's id.</summary>
    protected string Id(ParseResult parsed) => parsed.GetValue(_id)!;

    /// <summary>The connection's path, with what is to be done to it.</summary>
    protected string Path(ParseResult parsed, string act = "") => $"/api/agent-connections/{Uri.EscapeDataString(Id(parsed))}{(act.Length > 0 ? "/" : string.Empty)}{act}";

    /// <summary>Prints a connection for people.</summary>
    public static string Text(ConnectionView view)
    {
        var lines = new List<string>
        {
            $"id          {view.Id}",
            $"from        {view.SourceAgentId}",
            $"to          {view.Config.Url ?? view.TargetAgentId} ({view.ConnectionType})",
            $"events      {string.Join(' ', view.Config.Events ?? [])}",
            $"status      {view.Status}{(view.Reason is null ? string.Empty : $": {view.Reason}")}",
            string.Create(CultureInfo.InvariantCulture, $"deliveries  {view.Pending} pending, {view.Dead} dead letters"),
        };
        if (view.Config.Filter is { } filter)
        {
            lines.Add($"filter      {filter.GetRawText()}");
        }

        if (view.Secret is { } secret)
        {
            lines.Add($"secret      {secret}  (shown once: give it to the receiver)");
        }

        lines.AddRange((view.Warnings ?? []).Select(warning => $"warning     {warning}"));
        return string.Join('\n', lines);
    }

    /// <summary>Reads JSON that was typed.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>.</exception>
    public static JsonElement? ReadJson(string? text, string option)
    {
        if (text is null)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
        catch (JsonException exception)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, $"{option} is no JSON.", exception);
        }
    }
}
