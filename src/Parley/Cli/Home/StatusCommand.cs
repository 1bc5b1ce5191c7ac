using System.Text.Json;
using Parley.Cli.A2a;
using Parley.Protocol.Management;

namespace Parley.Cli.Home;

/// <summary><c>parley status</c>: the link, the hub behind it, what waits for this agent, and the versions.</summary>
internal sealed class StatusCommand : ParleyCommand
{
    public StatusCommand()
        : base("status", "Print how this home reaches its hub, what waits in its mailbox, and the versions of both", new Example("parley status", "exit code 5 when the hub does not answer"))
    {
        Add(CommonOptions.Json);
        OnRun((context, _, cancellationToken) => RunAsync(context, cancellationToken));
    }

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        await using var link = await HomeLink.OpenAsync(context, cancellationToken);
        var json = ManagementJson.Answers;
        using var answer = await link.Link.CallAsync("hub.status", JsonSerializer.SerializeToUtf8Bytes(new NoArguments(), json.NoArguments), cancellationToken);
        var hub = answer.Deserialize(json.ItemHubStatus)!.Data;
        using var mailbox = await link.Link.CallAsync("mailbox.list", JsonSerializer.SerializeToUtf8Bytes(new ListArguments(Limit: 1), json.ListArguments), cancellationToken);
        var waiting = mailbox.Deserialize(MailboxJson.Default.PageMailboxView)!.Meta.Total;
        var shown = new StatusJson(
            link.Profile.Agent.ToString(), link.Link.TransportName, hub.HubId, Addresses.Text(link.Profile.Http), Versions.Number, hub.Version, waiting, hub.Agents, hub.Online, hub.Draining, hub.StartedAt);
        if (context.IsJson)
        {
            context.Terminal.WriteJson(JsonSerializer.Serialize(shown, CliJson.Compact.StatusJson));
            return 0;
        }

        context.Terminal.WriteLine($"agent    {shown.Agent}");
        context.Terminal.WriteLine($"link     {shown.Transport}");
        context.Terminal.WriteLine($"mailbox  {(shown.Waiting == 0 ? "empty" : $"{shown.Waiting} waiting: parley a2a inbox")}");
        context.Terminal.WriteLine($"hub      {shown.HubId} at {shown.Http}{(shown.Draining ? ", shutting down" : string.Empty)}");
        context.Terminal.WriteLine($"agents   {shown.Agents}, {shown.Online} online");
        context.Terminal.WriteLine($"version  {shown.Version}, hub {shown.HubVersion}");
        return 0;
    }
}

/// <summary>What <c>status --json</c> prints.</summary>
internal sealed record StatusJson(
    string Agent, string Transport, string HubId, string Http, string Version, string HubVersion, long Waiting, int Agents, int Online, bool Draining, DateTimeOffset HubStartedAt);
