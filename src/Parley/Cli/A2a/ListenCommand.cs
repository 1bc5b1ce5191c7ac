using System.CommandLine;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Parley.Cli.Cards;
using Parley.Cli.PeerToPeer;
using Parley.Client.Config;
using Parley.Client.HubLink;
using Parley.Client.Journal;
using Parley.Client.Messaging;
using Parley.Client.Responders;
using Parley.Client.Responders.Exec;
using Parley.Client.Responders.Http;
using Parley.Client.Responders.OpenAi;
using Parley.Protocol.Errors;
using Parley.Protocol.Link;
using Parley.Protocol.Wire;
using Parley.Sqlite;

namespace Parley.Cli.A2a;

/// <summary><c>parley a2a listen</c>: answers messages, or shows them.</summary>
internal sealed class ListenCommand : ParleyCommand
{
    private static readonly TimeSpan _grace = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _lookEvery = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _pruneEvery = TimeSpan.FromSeconds(30);

    private readonly ResponderOptions _responder = new();
    private readonly Option<bool> _share = new("--share") { Description = "Share the work with other listeners of this agent instead of replacing them" };
    private readonly Option<bool> _retrySafe = new("--retry-safe") { Description = "Run a message again that a crash interrupted; else it is answered as interrupted" };
    private readonly Option<string?> _save = new("--save") { HelpName = "DIR", Description = "Where files are saved [default: received/ in the home folder]" };
    private readonly Option<string?> _card = new("--card") { HelpName = "FILE", Description = "What the agent's card says, as JSON; the hub serves it, also while this agent is offline" };
    private readonly Option<bool> _once = new("--once") { Description = "Handle one message, then stop" };
    private readonly Option<string> _durability = new("--durability") { HelpName = "D", DefaultValueFactory = _ => "full", Description = "full survives a power cut, normal a crash of the process, memory neither" };
    private readonly Option<string> _transport = new("--transport") { HelpName = "T", DefaultValueFactory = _ => "auto", Description = "auto, grpc or websocket" };

    public ListenCommand()
        : base(
            "listen",
            "Answer messages, or show them",
            new Example("parley a2a listen", "print what comes"),
            new Example("parley a2a listen --exec /bin/sh", "run what the own owner's agents send, and answer with the output"),
            new Example("parley a2a listen --protocol events -- python3 agent.py", "a program that speaks JSON lines; see docs/protocol/responder-events.md"),
            new Example("parley a2a listen --exec ./answer --card card.json", "with a card that says what the agent can do"),
            new Example("parley a2a listen --openai http://127.0.0.1:11434/v1 --model llama3.2", "a model answers"),
            new Example("parley a2a listen --openai http://127.0.0.1:11434/v1 --model llama3.2 --tools send_to_agent,mcp --mcp-config mcp.json", "and may ask other agents and use MCP servers"))
    {
        _responder.AddTo(this);
        foreach (var option in new Option[] { _share, _retrySafe, _save, _card, _once, _durability, _transport, CommonOptions.Json })
        {
            Add(option);
        }

        OnRun(RunAsync);
    }

    private async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        var home = context.OpenHome();
        var profile = HubProfile.Load(home);
        using var identity = HomeIdentity.Load(home);
        var sender = _responder.AsksAgents(parsed) ? new Sender(context.Time, context.FillRandom) : null;
        await using var tools = _responder.Tools(parsed, context, profile.Agent, sender, home);
        var responder = _responder.Make(parsed, context, home, tools.Box);
        JsonElement? card = parsed.GetValue(_card) is { } file ? CardCalls.ReadFile(file) : null;
        await using var pipeline = new ResponderPipeline(
            responder, _responder.Policy(parsed, profile.Agent.Owner), context.Time, context.Loggers.CreateLogger<ResponderPipeline>());
        using var place = JournalPlace.Take(home);
        await using var journal = OpenJournal(parsed, context, place);
        await using var patient = new PatientJournal(journal, context.Time);
        patient.OnChange = reason => context.Terminal.Note(reason is null ? "messages are taken again" : $"{reason} Messages wait until there is room in {home.FullPath}");
        var desk = new TerminalDesk(context, parsed.GetValue(_save) ?? home.PathOf("received"));
        await using var listener = new Listener(
            patient, pipeline, desk, new ListenerOptions(parsed.GetValue(_retrySafe)), context.Time, context.FillRandom, context.Loggers.CreateLogger<Listener>());
        using var once = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        listener.OnLinkChange = (text, isUp) =>
        {
            if (isUp)
            {
                profile = profile.Learn(home, text);
            }

            context.Terminal.Status(isUp ? $"listening as {text}" : $"parley: {text}; dialling again");
        };
        if (parsed.GetValue(_once))
        {
            listener.OnHandled = once.Cancel;
        }

        var options = new HubLinkOptions
        {
            Role = SessionRole.Listen, IsShared = parsed.GetValue(_share), Software = Versions.Software, Capabilities = CapabilitiesOf(responder, tools, _responder.TakesCallerTools(parsed, responder)),
        };
        ILinkEvents events = sender is null ? listener : new AgentEvents(listener, sender);
        await using var link = new HubLink(
            options, Dialer(parsed, profile, context.Time), profile, identity, events, context.Time, context.FillRandom, context.Loggers.CreateLogger("Parley.Link"));
        link.Signals = new PeerNotices(context);
        sender?.Use(link);
        await listener.UseAsync(link, cancellationToken);
        link.Start();
        var said = card is { } mine ? SayAsync(context, link, mine, once) : Task.CompletedTask;
        await ServeAsync(context, link, listener, place, journal, once.Token);
        await said;
        return 0;
    }

    /// <summary>Sends the card when the link stands. A hub that refuses it ends the listener: nobody should be listed under words that were not taken.</summary>
    private static async Task SayAsync(CommandContext context, HubLink link, JsonElement card, CancellationTokenSource stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                foreach (var note in CardCalls.NotesOn(await CardCalls.PutAsync(link, card, stop.Token)))
                {
                    context.Terminal.Note(note);
                }

                return;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (ParleyException exception) when (exception.Code is ErrorCode.HubUnreachable or ErrorCode.Unavailable or ErrorCode.Draining)
            {
                // The link broke before the answer: once it stands again, the same card is sent again.
                await Task.Delay(_lookEvery, context.Time, CancellationToken.None);
            }
            catch
            {
                await stop.CancelAsync();
                throw;
            }
        }
    }

    private static string[] CapabilitiesOf(IResponder? responder, ModelTools tools, bool takesTools)
    {
        string[] kind = responder switch
        {
            ExecResponder => [ListenerCapabilities.Program],
            OpenAiResponder => [ListenerCapabilities.Model],
            HttpResponder => [ListenerCapabilities.Service],
            _ => [],
        };
        string[] taken = takesTools ? [ListenerCapabilities.Tools] : [];
        return [.. kind, .. taken, .. tools.Names.Select(name => ListenerCapabilities.ToolPrefix + name)];
    }

    private static async Task ServeAsync(CommandContext context, HubLink link, Listener listener, JournalPlace place, IJournal journal, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(_lookEvery, context.Time);
        var pruned = context.Time.GetTimestamp();
        var stopped = Task.Delay(Timeout.InfiniteTimeSpan, context.Time, stop);
        while (!stop.IsCancellationRequested)
        {
            var ended = await Task.WhenAny(link.Completion, stopped, timer.WaitForNextTickAsync(CancellationToken.None).AsTask());
            if (ended == link.Completion)
            {
                await listener.DrainAsync(_grace);
                await link.Completion;
            }

            if (!stop.IsCancellationRequested)
            {
                var isDue = context.Time.GetElapsedTime(pruned) > _pruneEvery;
                pruned = isDue ? context.Time.GetTimestamp() : pruned;
                await CareAsync(listener, place, journal, isDue);
            }
        }

        await listener.DrainAsync(_grace);
    }

    private static async Task CareAsync(Listener listener, JournalPlace place, IJournal journal, bool prunes)
    {
        try
        {
            if (journal is SqliteJournal shared)
            {
                await place.TakeOverAsync(shared, listener, CancellationToken.None);
            }

            if (prunes)
            {
                await journal.PruneAsync(CancellationToken.None);
            }
        }
        catch (StoreUnavailableException)
        {
            // The store says so in the log; the next round tries again.
        }
    }

    private IJournal OpenJournal(ParseResult parsed, CommandContext context, JournalPlace place) => parsed.GetValue(_durability) switch
    {
        "full" => SqliteJournal.Open(place.File, Durability.Full, context.Time, context.Loggers.CreateLogger<SqliteJournal>(), place.Number),
        "normal" => SqliteJournal.Open(place.File, Durability.Normal, context.Time, context.Loggers.CreateLogger<SqliteJournal>(), place.Number),
        "memory" => new MemoryJournal(context.Time),
        _ => throw new ParleyException(ErrorCode.InvalidArgument, "--durability is full, normal or memory."),
    };

    private ILinkDialer Dialer(ParseResult parsed, HubProfile profile, TimeProvider time) => parsed.GetValue(_transport) switch
    {
        "auto" => new AutoLinkDialer(profile, time),
        "grpc" => new GrpcLinkDialer(profile),
        "websocket" => new WebSocketLinkDialer(profile),
        _ => throw new ParleyException(ErrorCode.InvalidArgument, "--transport is auto, grpc or websocket."),
    };
}
