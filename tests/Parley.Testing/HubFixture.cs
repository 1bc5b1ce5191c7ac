using Parley.Hub.Identity.Keys;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Parley.Client.Config;
using Parley.Client.HubLink;
using Parley.Client.Journal;
using Parley.Client.Messaging;
using Parley.Client.Responders;
using Parley.Hub;
using Parley.Hub.Identity;
using Parley.Hub.Identity.Visitors;
using Parley.Protocol.Identity;
using Parley.Protocol.Management;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;
using Parley.Sqlite;

namespace Parley.Testing;

/// <summary>A real hub on loopback ports with its data in a folder of its own, and real clients of it.</summary>
/// <remarks>Disposing ends clients and hub, and fails the test when one of them logged a Warning or Error that the test did not announce.</remarks>
internal sealed class HubFixture : IAsyncDisposable
{
    private static readonly FillRandom _random = RandomNumberGenerator.Fill;

    private readonly List<IAsyncDisposable> _clients = [];
    private readonly TempFolder? _ownFolder;
    private readonly Action<HubOptions> _configure;
    private readonly HubParts? _parts;
    private readonly bool _ownsLog;
    private TimeProvider _hubTime = TimeProvider.System;

    private HubFixture(LogSink log, bool ownsLog, string dataFolder, TempFolder? ownFolder, Action<HubOptions> configure, HubParts? parts) =>
        (Log, _ownsLog, DataFolder, _ownFolder, _configure, _parts) = (log, ownsLog, dataFolder, ownFolder, configure, parts);

    /// <summary>What hub and clients logged.</summary>
    public LogSink Log { get; }

    /// <summary>The hub's data folder; a second node uses the same.</summary>
    public string DataFolder { get; }

    /// <summary>The hub.</summary>
    public HubApplication Hub { get; private set; } = null!;

    /// <summary>Starts a hub.</summary>
    /// <param name="configure">Changes its options.</param>
    /// <param name="time">The hub's clock; null: the system's.</param>
    public static async Task<HubFixture> StartAsync(Action<HubOptions>? configure = null, TimeProvider? time = null)
    {
        var folder = new TempFolder();
        var fixture = new HubFixture(new LogSink(), ownsLog: true, folder.PathOf("data"), folder, configure ?? (_ => { }), null) { _hubTime = time ?? TimeProvider.System };
        await fixture.OpenAsync(FreeAddress(), FreeAddress());
        return fixture;
    }

    /// <summary>Starts one of several nodes that share a store and a backplane.</summary>
    /// <param name="first">The node whose log and data folder this one shares; null for the first.</param>
    /// <param name="parts">What they share; the caller disposes the store after the nodes.</param>
    /// <param name="configure">Changes its options.</param>
    /// <param name="time">The node's clock; null: the system's.</param>
    public static async Task<HubFixture> StartNodeAsync(HubFixture? first, HubParts parts, Action<HubOptions>? configure = null, TimeProvider? time = null)
    {
        var folder = first is null ? new TempFolder() : null;
        var fixture = new HubFixture(
            first?.Log ?? new LogSink(), first is null, first?.DataFolder ?? folder!.PathOf("data"), folder, configure ?? (_ => { }), parts)
        {
            _hubTime = time ?? TimeProvider.System,
        };
        await fixture.OpenAsync(FreeAddress(), FreeAddress());
        return fixture;
    }

    /// <summary>The clock of clients that are made from now on.</summary>
    public TimeProvider ClientTime { get; set; } = TimeProvider.System;

    /// <summary>Changes where links look for the hub, to put something in between.</summary>
    public Func<Uri, Uri> Reroute { get; set; } = address => address;

    /// <summary>A service of the hub.</summary>
    public T Get<T>()
        where T : notnull => Hub.Services.GetRequiredService<T>();

    /// <summary>Stops the hub; its ports are free afterwards.</summary>
    public async Task StopAsync()
    {
        var stopping = Hub.StopAsync(CancellationToken.None);
        while (_hubTime is FakeTimeProvider time && !stopping.IsCompleted)
        {
            // A drain waits on the hub's clock for links that are about to end.
            time.Advance(TimeSpan.FromMilliseconds(20));
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System);
        }

        await stopping;
        await Hub.DisposeAsync();
    }

    /// <summary>Starts it again on the same data and the same ports.</summary>
    public Task StartAgainAsync() => OpenAsync(Hub.Http, Hub.Grpc);

    /// <summary>Makes a home with fresh keys and enrols it.</summary>
    public async Task<EnrolledAgent> EnrolAsync(string name, string owner = "acme")
    {
        var (_, secret) = await Get<JoinTokens>().CreateAsync(new JoinTokenWish(owner, new Dictionary<string, string>(), null, null, null), "test");
        return await EnrolWithAsync(secret, name);
    }

    /// <summary>Lets an agent invite somebody, who enters at once.</summary>
    public async Task<EnrolledAgent> EnrolVisitorAsync(EnrolledAgent host, string name, TimeSpan? lifetime = null)
    {
        var (_, secret) = await Get<Invites>().CreateAsync(Get<AgentRegistry>().Find(host.Address)!, name, lifetime ?? TimeSpan.FromHours(1));
        return await EnrolWithAsync(secret, name);
    }

    /// <summary>Makes a home with fresh keys and enrols it with a secret.</summary>
    public async Task<EnrolledAgent> EnrolWithAsync(string secret, string name)
    {
        var folder = new TempFolder();
        var home = HomeFolder.Open(folder.FullPath, _ => null);
        var identity = HomeIdentity.LoadOrCreate(home);
        var nonce = RandomNumberGenerator.GetBytes(EnrolProof.NonceSize);
        var now = ClientTime.GetUtcNow();
        var hubId = Get<HubKey>().Id;
        var signed = EnrolProof.Build(hubId, [], EnrolProof.HashToken(secret), identity.PublicKey, name, nonce, now);
        var binding = identity.Binding;
        var request = new EnrolRequest(
            secret, name, null, binding.Identity.ToArray(), binding.KeyAgreement.ToArray(), binding.Tls.ToArray(), binding.Signature.ToArray(),
            nonce, now.ToUnixTimeMilliseconds(), identity.Sign(signed));
        var agent = await Get<Enrolment>().EnrolAsync(request, [], "127.0.0.1");
        var profile = new HubProfile(agent.Address, hubId, Hub.Http, Hub.Grpc, null, false, now);
        profile.Save(home);
        var made = new EnrolledAgent(agent.Address, folder, home, identity, profile);
        _clients.Add(made);
        return made;
    }

    /// <summary>Attaches a sender.</summary>
    public async Task<TestSender> ConnectSenderAsync(EnrolledAgent agent, LinkKind kind = LinkKind.Grpc, CancellationToken cancellationToken = default)
    {
        var sender = new Sender(ClientTime, _random);
        var link = MakeLink(agent, kind, new HubLinkOptions { Role = SessionRole.Caller, MaxBackoff = TimeSpan.FromMilliseconds(300) }, sender);
        sender.Use(link);
        var made = new TestSender(sender, link);
        _clients.Add(made);
        link.Start();
        await link.WaitConnectedAsync(cancellationToken);
        return made;
    }

    /// <summary>Attaches a listener whose answer is a text.</summary>
    public Task<TestListener> ConnectListenerAsync(
        EnrolledAgent agent, Func<ResponderRequest, CancellationToken, Task<string>> answer, ListenSetup? setup = null, CancellationToken cancellationToken = default) =>
        ConnectListenerAsync(agent, DelegateResponder.OfText(answer), setup, cancellationToken);

    /// <summary>Attaches a listener.</summary>
    /// <param name="agent">Who listens.</param>
    /// <param name="responder">Who answers; null shows messages only.</param>
    /// <param name="setup">Everything else.</param>
    /// <param name="cancellationToken">Ends the wait for the link.</param>
    public async Task<TestListener> ConnectListenerAsync(
        EnrolledAgent agent, IResponder? responder, ListenSetup? setup = null, CancellationToken cancellationToken = default)
    {
        setup ??= new ListenSetup();
        var policy = new ResponderPolicy { Senders = SenderPolicy.Everyone, Concurrency = setup.Concurrency };
        var pipeline = new ResponderPipeline(responder, policy, ClientTime, Log.Factory.CreateLogger<ResponderPipeline>());
        var desk = new TestDesk();
        var listener = new Listener(
            setup.Journal ?? new MemoryJournal(ClientTime), pipeline, desk, new ListenerOptions(setup.IsSafeToRetry), ClientTime, _random,
            Log.Factory.CreateLogger<Listener>());
        var options = new HubLinkOptions { Role = SessionRole.Listen, IsShared = setup.IsShared, Capabilities = setup.Capabilities, MaxBackoff = TimeSpan.FromMilliseconds(300) };
        var link = MakeLink(agent, setup.Kind, options, listener);
        var made = new TestListener(listener, link, pipeline, desk);
        _clients.Add(made);
        await listener.UseAsync(link, cancellationToken);
        link.Start();
        await link.WaitConnectedAsync(cancellationToken);
        return made;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var client in Enumerable.Reverse(_clients))
        {
            await client.DisposeAsync();
        }

        await StopAsync();
        _ownFolder?.Dispose();
        if (_ownsLog)
        {
            Log.Dispose();
        }
    }

    private static Uri FreeAddress() => new($"http://127.0.0.1:{LoopbackPorts.Take()}");

    private async Task OpenAsync(Uri http, Uri grpc)
    {
        var options = new HubOptions { DataFolder = DataFolder, Http = http, Grpc = grpc, Durability = Durability.Normal };
        options.Sessions.DrainSpread = TimeSpan.FromMilliseconds(200);
        _configure(options);
        Hub = await HubApplication.StartAsync(
            options, _hubTime, _random, logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(new Through(Log)), _parts);
    }

    private HubLink MakeLink(EnrolledAgent agent, LinkKind kind, HubLinkOptions options, ILinkEvents events)
    {
        var profile = agent.Profile with { Http = Reroute(Hub.Http), Grpc = Reroute(Hub.Grpc) };
        ILinkDialer dialer = kind == LinkKind.Grpc ? new GrpcLinkDialer(profile) : new WebSocketLinkDialer(profile);
        return new HubLink(options, dialer, profile, agent.Identity, events, ClientTime, _random, Log.Factory.CreateLogger<HubLink>());
    }

    // The hub disposes its providers; the sink serves the clients too and outlives a restart.
    private sealed class Through(LogSink sink) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => sink.CreateLogger(categoryName);

        public void Dispose()
        {
        }
    }
}

/// <summary>What carries a test's link.</summary>
internal enum LinkKind
{
    /// <summary>gRPC over clear-text HTTP/2.</summary>
    Grpc,

    /// <summary>WebSocket over HTTP/1.1.</summary>
    WebSocket,
}

/// <summary>How a test's listener is set up.</summary>
internal sealed record ListenSetup
{
    /// <summary>What carries the link.</summary>
    public LinkKind Kind { get; init; }

    /// <summary>The journal, which stays the test's; null: one in memory.</summary>
    public IJournal? Journal { get; init; }

    /// <summary>Whether it shares the work.</summary>
    public bool IsShared { get; init; }

    /// <summary>Whether interrupted messages run again.</summary>
    public bool IsSafeToRetry { get; init; }

    /// <summary>What it says that it can do.</summary>
    public IReadOnlyList<string> Capabilities { get; init; } = [];

    /// <summary>Runs at the same time.</summary>
    public int Concurrency { get; init; } = 4;
}
