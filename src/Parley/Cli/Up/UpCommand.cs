using System.CommandLine;
using Parley.Cli.Admin;
using Parley.Cli.Hosting;
using Parley.Hub;
using Parley.Protocol.Errors;

namespace Parley.Cli.Up;

/// <summary><c>parley up</c>: a hub of one's own in one step, with this home as its first agent.</summary>
internal sealed class UpCommand : ParleyCommand
{
    private const string DataName = "hub";

    private readonly Option<bool> _demo = new("--demo") { Description = "Also run an agent called echo that answers every message with itself" };

    public UpCommand()
        : base(
            "up",
            "Start a hub on this machine, join it, and show what to type next",
            new Example("parley up --demo", "a hub, and an agent to talk to; Ctrl-C stops both"),
            new Example("parley up", "the hub alone"))
    {
        Add(_demo);
        OnRun(RunAsync);
    }

    private async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        var home = context.OpenHome();
        await using var hub = await StartHubAsync(context, home.PathOf(DataName), cancellationToken);
        using var admin = AdminClient.OpenLocal(home.PathOf(DataName));
        var newcomer = new Newcomer(context, admin, hub.File);
        var self = await newcomer.EnsureAsync(home, newcomer.OwnName, cancellationToken);
        await using var echo = parsed.GetValue(_demo) ? await EchoAgent.StartAsync(context, home, newcomer, cancellationToken) : null;
        var join = await newcomer.MakeJoinStringAsync(cancellationToken);
        Show(context, hub, self, join, echo is not null);
        context.Terminal.Status("ready; Ctrl-C stops it");
        await StopSignals.WaitAsync(context.Time, cancellationToken);
        if (echo is not null)
        {
            await echo.StopAsync();
        }

        await hub.StopAsync();
        return 0;
    }

    private static async Task<RunningHub> StartHubAsync(CommandContext context, string data, CancellationToken cancellationToken)
    {
        var usual = new HubArguments { Data = data }.ToOptions(HubEnvironment.None, data);
        try
        {
            return await RunningHub.StartAsync(usual, context, cancellationToken);
        }
        catch (ParleyException exception) when (exception.Code == ErrorCode.Unavailable)
        {
            // The usual ports are taken, most often by another hub: any free ones do.
            context.Terminal.Note($"{exception.Message}; taking free ports");
            return await RunningHub.StartAsync(OnFreePorts(data), context, cancellationToken);
        }
    }

    private static HubOptions OnFreePorts(string data) => new HubArguments { Data = data, Listen = ["http://127.0.0.1:0"] }.ToOptions(HubEnvironment.None, data);

    private static void Show(CommandContext context, RunningHub hub, string self, string join, bool isDemo)
    {
        var parley = Program(context);
        var terminal = context.Terminal;
        terminal.WriteLine($"hub    {hub.File.Http}");
        terminal.WriteLine($"agent  {self}");
        terminal.WriteLine($"join   {join}");
        terminal.WriteLine("\nIn another terminal:");
        terminal.WriteLine(isDemo ? $"  {parley} a2a send echo \"hello\"" : $"  {parley} a2a listen --exec cat");
        terminal.WriteLine($"  {parley} agents");
        terminal.WriteLine($"  {Program(null)} --home ~/agent-b join {join} --name agent-b");
    }

    // As it was most likely typed: from the source tree by its script, else from PATH.
    private static string Program(CommandContext? context)
    {
        var name = File.Exists("parley") ? "./parley" : "parley";
        return context?.HomeOption is { } home ? $"{name} --home '{home}'" : name;
    }
}
