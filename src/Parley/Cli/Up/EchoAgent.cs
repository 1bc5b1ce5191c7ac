using Microsoft.Extensions.Logging;
using Parley.Client.Config;
using Parley.Client.HubLink;
using Parley.Client.Journal;
using Parley.Client.Messaging;
using Parley.Client.Responders;
using Parley.Client.Responders.Exec;
using Parley.Protocol.Wire;

namespace Parley.Cli.Up;

/// <summary>The demo agent: in a home of its own, it answers each message with itself, by <c>cat</c>.</summary>
internal sealed class EchoAgent : IAsyncDisposable
{
    private const string FolderName = "demo-echo";
    private const string AgentName = "echo";

    private static readonly TimeSpan _grace = TimeSpan.FromSeconds(2);

    private readonly HomeIdentity _identity;
    private readonly ResponderPipeline _pipeline;
    private readonly MemoryJournal _journal;
    private readonly Listener _listener;
    private readonly HubLink _link;

    private EchoAgent(CommandContext context, HomeFolder home, HubProfile profile)
    {
        _identity = HomeIdentity.Load(home);
        var responder = new ExecResponder(
            new ExecOptions(CommandLine.Parse("cat")), context.Time, context.FillRandom, context.Loggers.CreateLogger<ExecResponder>());
        var policy = new ResponderPolicy { Senders = SenderPolicy.Of(profile.Agent.Owner, []) };
        _pipeline = new ResponderPipeline(responder, policy, context.Time, context.Loggers.CreateLogger<ResponderPipeline>());
        _journal = new MemoryJournal(context.Time);
        _listener = new Listener(
            _journal, _pipeline, new EchoDesk(), new ListenerOptions(IsSafeToRetry: true), context.Time, context.FillRandom, context.Loggers.CreateLogger<Listener>());
        _link = new HubLink(
            new HubLinkOptions { Role = SessionRole.Listen, Software = Versions.Software },
            new AutoLinkDialer(profile, context.Time),
            profile,
            _identity,
            _listener,
            context.Time,
            context.FillRandom,
            context.Loggers.CreateLogger("Parley.Link"));
    }

    /// <summary>Joins where it has not, links and listens.</summary>
    public static async Task<EchoAgent> StartAsync(CommandContext context, HomeFolder owner, Newcomer newcomer, CancellationToken cancellationToken)
    {
        var home = HomeFolder.Open(owner.PathOf(FolderName), context.Environment);
        await newcomer.EnsureAsync(home, AgentName, cancellationToken);
        var agent = new EchoAgent(context, home, HubProfile.Load(home));
        try
        {
            await agent._listener.UseAsync(agent._link, cancellationToken);
            agent._link.Start();
            await agent._link.WaitConnectedAsync(cancellationToken);
            return agent;
        }
        catch
        {
            await agent.DisposeAsync();
            throw;
        }
    }

    /// <summary>Answers what it has and says goodbye.</summary>
    public async Task StopAsync()
    {
        await _listener.DrainAsync(_grace);
        await _link.StopAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _link.DisposeAsync();
        await _listener.DisposeAsync();
        await _pipeline.DisposeAsync();
        await _journal.DisposeAsync();
        _identity.Dispose();
    }
}
