using Parley.Hub.Identity.Keys;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Parley.Hub.AgentApi;
using Parley.Hub.AgentApi.Calls;
using Parley.Hub.AgentApi.Cards;
using Parley.Hub.AgentApi.Tasks;
using Parley.Hub.AgentApi.Tasks.Push;
using Parley.Hub.AgentApi.Tasks.Stored;
using Parley.Hub.AgentApi.Conversations;
using Parley.Hub.AgentApi.Mcp;
using Parley.Hub.Backplane;
using Parley.Hub.Backup;
using Parley.Hub.AgentApi.Turns;
using Parley.Hub.Connections;
using Parley.Hub.Connections.Events;
using Parley.Hub.Connections.Log;
using Parley.Hub.Connections.Outbox;
using Parley.Hub.Connections.Schedules;
using Parley.Hub.Connections.Secrets;
using Parley.Hub.Connections.State;
using Parley.Hub.Connections.Webhooks;
using Parley.Hub.Identity;
using Parley.Hub.Identity.Visitors;
using Parley.Hub.Management;
using Parley.Hub.Management.Automation;
using Parley.Hub.Messaging;
using Parley.Hub.Messaging.Budgets;
using Parley.Hub.Outbound;
using Parley.Hub.Rooms;
using Parley.Hub.Sessions;
using Parley.Hub.Signalling;
using Parley.Hub.Storage;
using Parley.Hub.Telemetry;
using Parley.Hub.Transports.Grpc.A2a;
using Parley.Hub.Transports.Http;
using Parley.Hub.Transports.Http.A2a;
using Parley.Hub.Transports.Http.Cards;
using Parley.Hub.Transports.Http.Events;
using Parley.Hub.Transports.Http.Mcp;
using Parley.Hub.Transports.Http.OpenAi;
using Parley.Hub.Transports.Http.Pages;
using Parley.Hub.Transports.Http.Rooms;
using Parley.Hub.Transports.Link;
using Parley.Hub.Transports.Stun;
using Parley.Protocol.Files;
using Parley.Protocol.Messaging;
using Parley.Sqlite;

namespace Parley.Hub;

/// <summary>The services of each module, by module.</summary>
internal static class HubServices
{
    /// <summary>The database.</summary>
    public static IServiceCollection AddStorage(this IServiceCollection services, HubOptions options, SqliteStore? shared)
    {
        if (shared is not null)
        {
            return services.AddSingleton(shared);
        }

        return services.AddSingleton(provider =>
        {
            SecretFile.OpenFolder(options.DataFolder);
            var store = new SqliteStoreOptions { File = Path.Combine(options.DataFolder, HubFiles.Database), Durability = options.Durability, MaxQueued = options.StoreQueue };
            return SqliteStore.Open(store, HubSchema.Migrations, provider.GetRequiredService<ILogger<SqliteStore>>(), provider.GetRequiredService<TimeProvider>());
        });
    }

    /// <summary>Agents, owners, credentials, contacts.</summary>
    public static IServiceCollection AddIdentity(this IServiceCollection services, HubOptions options) => services
        .AddSingleton(provider => HubKey.Open(
            options.DataFolder, options.Tls, options.PublicUrl?.Host, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<FillRandom>(), provider.GetRequiredService<ILoggerFactory>()))
        .AddSingleton(provider => AdminKey.Open(options.DataFolder, provider.GetRequiredService<FillRandom>()))
        .AddSingleton<HubAddresses>()
        .AddSingleton(provider => new Contacts(
            provider.GetRequiredService<SqliteStore>(), provider.GetRequiredService<CommitOrder>(), provider.GetRequiredService<TimeProvider>(), options.PendingContacts))
        .AddSingleton<CommitOrder>().AddSingleton<AgentRegistry>().AddSingleton<JoinTokens>().AddSingleton<ApiKeys>().AddSingleton<Enrolment>().AddSingleton<Audit>().AddSingleton(options.Visitors).AddSingleton<Invites>();

    /// <summary>Who is attached here.</summary>
    public static IServiceCollection AddSessions(this IServiceCollection services, HubOptions options) => services
        .AddSingleton(Options.Create(options.Sessions))
        .AddSingleton<SessionDirectory>().AddSingleton<SessionEpochs>().AddSingleton<SessionService>();

    /// <summary>Routing, mailboxes, the message log.</summary>
    public static IServiceCollection AddMessaging(this IServiceCollection services, HubOptions options, IBackplane backplane) => services
        .AddSingleton(Options.Create(options.Messaging))
        .AddSingleton(backplane)
        .AddSingleton(provider => new NodeId(EnvelopeId.Make(provider.GetRequiredService<FillRandom>()).Value))
        .AddSingleton(provider => new LogPolicy(options.MessageLog, provider.GetRequiredService<ConnectionRegistry>().Find)).AddSingleton<LogReader>()
        .AddSingleton<BudgetStore>().AddSingleton<AgentBudgets>().AddSingleton<MailboxStore>().AddSingleton<MessagePolicy, ContactPolicy>().AddSingleton<Router>()
        .AddSingleton(provider => new MessageLog(
            provider.GetRequiredService<SqliteStore>(), provider.GetRequiredService<LogPolicy>(), options.Log, provider.GetRequiredService<SecretStore>().RevealAll,
            provider.GetRequiredService<MessageTelemetry>(), provider.GetRequiredService<ILogger<MessageLog>>()));

    /// <summary>Signals and relay circuits between agents, in memory.</summary>
    public static IServiceCollection AddSignalling(this IServiceCollection services, HubOptions options) => services
        .AddSingleton(Options.Create(options.Signals)).AddSingleton<SignalRules>().AddSingleton<SignalService>().AddSingleton<RelayCircuits>().AddSingleton<RelayDoor>();

    /// <summary>Rooms, in memory.</summary>
    public static IServiceCollection AddRooms(this IServiceCollection services, HubOptions options) => services
        .AddSingleton(Options.Create(options.Rooms))
        .AddSingleton(provider => new RoomSecrets(RoomKey.Open(options.DataFolder, provider.GetRequiredService<FillRandom>()), provider.GetRequiredService<FillRandom>()))
        .AddSingleton<RoomService>().AddSingleton<RoomEndpoints>().AddSingleton<RoomFileEndpoints>().AddSingleton<RoomAdminEndpoints>();

    /// <summary>Agents as servers of A2A and models of OpenAI.</summary>
    public static IServiceCollection AddAgentApi(this IServiceCollection services, HubOptions options) => services
        .AddSingleton(options.Tasks).AddSingleton<AgentCaller>().AddSingleton<TaskStore>().AddSingleton<TaskReader>().AddSingleton<PushDelivery>()
        .AddSingleton<OpenTasks>().AddSingleton<IAgentOperations, TaskService>()
        .AddSingleton(Options.Create(options.Conversations)).AddSingleton<ResponseStore>().AddSingleton<ConversationService>()
        .AddSingleton(options.Mcp).AddSingleton<McpParts>()
        .AddSingleton<CallOperation>(provider => (caller, operation, arguments, cancellationToken) =>
            provider.GetRequiredService<Operations>().InvokeAsync(caller, operation, arguments, "mcp", cancellationToken)).AddSingleton<McpSessions>()
        .AddSingleton(_ => new CardSigner(CardKey.Open(options.DataFolder)))
        .AddSingleton(provider => new AgentCards(
            provider.GetRequiredService<AgentRegistry>(), provider.GetRequiredService<SqliteStore>(), provider.GetRequiredService<CardSigner>(),
            provider.GetRequiredService<HubAddresses>(), provider.GetRequiredService<TimeProvider>(), options.DefaultAgent))
        .AddSingleton<IAgentCards>(provider => provider.GetRequiredService<AgentCards>());

    /// <summary>Calls to addresses that somebody else chose.</summary>
    public static IServiceCollection AddOutbound(this IServiceCollection services, HubOptions options) => services
        .AddSingleton<IAddressResolver, SystemResolver>().AddSingleton(options.Outbound.ToPolicy()).AddSingleton<OutboundHttp>();

    /// <summary>Connections, events, deliveries, secrets.</summary>
    public static IServiceCollection AddConnections(this IServiceCollection services, HubOptions options, bool isStoreShared) => services
        .AddSingleton(options.Connections)
        .AddSingleton(provider => Vault.Open(options.DataFolder, provider.GetRequiredService<FillRandom>()))
        .AddSingleton<SecretStore>().AddSingleton<ConnectionStore>().AddSingleton<ConnectionRegistry>()
        .AddSingleton<EventAudience>().AddSingleton<EventIntake>().AddSingleton<EventReader>().AddSingleton<MessageEvents>().AddSingleton<InboundHook>()
        .AddSingleton<DeliveryStore>().AddSingleton<DeliveryReader>()
        .AddSingleton<ScheduleStore>().AddSingleton<ScheduleService>().AddSingleton<StateStore>().AddSingleton<ReplicaStore>().AddSingleton<StateService>()
        .AddSingleton<WebhookRoute>().AddSingleton<AgentRoute>()
        .AddSingleton<IDeliveryRoute>(provider => new ReplicaRoute(
            [provider.GetRequiredService<WebhookRoute>(), provider.GetRequiredService<AgentRoute>()], provider.GetRequiredService<ReplicaStore>(), provider.GetRequiredService<AgentRegistry>()))
        .AddSingleton(provider => new DeliveryLeases(
            provider.GetRequiredService<SqliteStore>(), isStoreShared, provider.GetRequiredService<FillRandom>(), provider.GetRequiredService<TimeProvider>()))
        .AddSingleton<ConnectionNodes>().AddSingleton<Dispatcher>();

    /// <summary>The operations behind <c>/api</c> and the link's calls.</summary>
    public static IServiceCollection AddManagement(this IServiceCollection services) => services
        .AddSingleton<IOperationModule, AgentOperations>().AddSingleton<IOperationModule, TokenOperations>().AddSingleton<IOperationModule, KeyOperations>().AddSingleton<IOperationModule, InviteOperations>()
        .AddSingleton<IOperationModule, ContactOperations>().AddSingleton<IOperationModule, HubOperations>()
        .AddSingleton<IOperationModule, MailboxOperations>().AddSingleton<IOperationModule, MessageOperations>().AddSingleton<IOperationModule, CardOperations>()
        .AddSingleton<ConnectionAccess>().AddSingleton<EventAccess>()
        .AddSingleton<IOperationModule, ConnectionOperations>().AddSingleton<IOperationModule, DeliveryOperations>()
        .AddSingleton<IOperationModule, EventOperations>().AddSingleton<IOperationModule, SecretOperations>()
        .AddSingleton<Chains>().AddSingleton<IOperationModule, StateOperations>().AddSingleton<IOperationModule, ScheduleOperations>().AddSingleton<IOperationModule, BudgetOperations>().AddSingleton<DoneActs>().AddSingleton<Operations>();

    /// <summary>Metrics and readiness.</summary>
    public static IServiceCollection AddTelemetry(this IServiceCollection services) => services
        .AddMetrics().AddSingleton<Readiness>().AddSingleton<HubMetrics>().AddSingleton<MessageTelemetry>().AddSingleton<PrometheusExporter>();

    /// <summary>The doors, and what runs beside them.</summary>
    public static IServiceCollection AddTransports(this IServiceCollection services, HubOptions options) => services
        .AddSingleton(provider =>
        {
            var (agents, time) = (provider.GetRequiredService<AgentRegistry>(), provider.GetRequiredService<TimeProvider>());
            return new LinkHandshake(
                address => (agents.Find(address) ?? agents.FindFormer(address)) is { IsKeyReset: false } agent && !agents.IsOver(agent, time.GetUtcNow())
                    ? new LinkKey(agent.Id, agent.Address, agent.PublicKey, agent.Visit is not null)
                    : null,
                provider.GetRequiredService<HubKey>(),
                provider.GetRequiredService<FillRandom>(),
                time,
                options.Doors.HandshakeTimeout);
        })
        .AddSingleton(provider =>
        {
            var operations = provider.GetRequiredService<Operations>();
            return new LinkCalls(
                (session, method, arguments, cancellationToken) => operations.InvokeAsync(Principal.Of(session.Agent), method, arguments, "link", cancellationToken),
                provider.GetRequiredService<ILogger<LinkCalls>>());
        })
        .AddSingleton(provider => new HostFilter(
            [options.Http.Host, .. options.FurtherHttp.Select(address => address.Host), options.Grpc?.Host, options.PublicUrl?.Host, Environment.MachineName, .. options.AllowedHosts]))
        .AddSingleton(Options.Create(options.Doors)).AddSingleton<ApiErrors>().AddSingleton<BearerAuthentication>().AddSingleton<EnrolEndpoint>().AddSingleton<CardEndpoints>()
        .AddSingleton<EventStreams>().AddSingleton<EventEndpoints>().AddSingleton<StateEndpoints>().AddSingleton<AgentCallRates>()
        .AddSingleton<A2aDesk>().AddSingleton<SeedCalls>().AddSingleton<SeedDoor>().AddSingleton<JsonRpcDoor>().AddSingleton<RestDoor>().AddSingleton<A2aEndpoints>()
        .AddSingleton<CrossOrigin>().AddSingleton<AnswerDesk>().AddSingleton<OpenAiEndpoints>().AddSingleton<McpEndpoints>()
        .AddSingleton<A2aGrpcCalls>().AddSingleton<A2aGrpcEndpoints>()
        .AddSingleton<PageEndpoints>().AddSingleton<StunServer>().AddSingleton<RoomCalls>().AddSingleton<LinkPump>().AddSingleton<ConnectionLife>().AddSingleton<HubLife>();
}
