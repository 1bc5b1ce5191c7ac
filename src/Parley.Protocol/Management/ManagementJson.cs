using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Parley.Protocol.Management;

/// <summary>How management data looks in JSON, on <c>/api</c> and in the link's calls; generated at build time, since start-up time counts.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(NoArguments))]
[JsonSerializable(typeof(ListArguments))]
[JsonSerializable(typeof(AgentArguments))]
[JsonSerializable(typeof(DrainArguments))]
[JsonSerializable(typeof(TokenArguments))]
[JsonSerializable(typeof(RevokeArguments))]
[JsonSerializable(typeof(KeyArguments))]
[JsonSerializable(typeof(ContactArguments))]
[JsonSerializable(typeof(InviteArguments))]
[JsonSerializable(typeof(Item<NewInvite>))]
[JsonSerializable(typeof(EnrolRequest))]
[JsonSerializable(typeof(Item<EnrolResult>))]
[JsonSerializable(typeof(Page<AgentView>))]
[JsonSerializable(typeof(Item<AgentView>))]
[JsonSerializable(typeof(Item<AgentKeysView>))]
[JsonSerializable(typeof(Page<TokenView>))]
[JsonSerializable(typeof(Item<NewToken>))]
[JsonSerializable(typeof(Item<RevokedToken>))]
[JsonSerializable(typeof(Page<KeyView>))]
[JsonSerializable(typeof(Item<NewKey>))]
[JsonSerializable(typeof(Page<ContactView>))]
[JsonSerializable(typeof(Item<ContactView>))]
[JsonSerializable(typeof(Page<AuditView>))]
[JsonSerializable(typeof(Item<HubStatus>))]
[JsonSerializable(typeof(Item<CallerView>))]
[JsonSerializable(typeof(CardArguments))]
[JsonSerializable(typeof(Item<CardView>))]
[JsonSerializable(typeof(ConnectionArguments))]
[JsonSerializable(typeof(ConnectionCallArguments))]
[JsonSerializable(typeof(Page<ConnectionView>))]
[JsonSerializable(typeof(Item<ConnectionView>))]
[JsonSerializable(typeof(Item<DeletedConnection>))]
[JsonSerializable(typeof(Item<ConnectionTestView>))]
[JsonSerializable(typeof(Item<ReplayView>))]
[JsonSerializable(typeof(DeliveryArguments))]
[JsonSerializable(typeof(Page<DeliveryView>))]
[JsonSerializable(typeof(Item<DeliveryView>))]
[JsonSerializable(typeof(EventArguments))]
[JsonSerializable(typeof(Item<EmittedEvent>))]
[JsonSerializable(typeof(EventListArguments))]
[JsonSerializable(typeof(EventView))]
[JsonSerializable(typeof(EventPage))]
[JsonSerializable(typeof(MessageListArguments))]
[JsonSerializable(typeof(MessagePage))]
[JsonSerializable(typeof(SecretArguments))]
[JsonSerializable(typeof(Page<SecretView>))]
[JsonSerializable(typeof(Item<SecretView>))]
[JsonSerializable(typeof(Item<string>))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(BudgetArguments))]
[JsonSerializable(typeof(Item<BudgetView>))]
[JsonSerializable(typeof(Page<BudgetView>))]
[JsonSerializable(typeof(ScheduleArguments))]
[JsonSerializable(typeof(Item<ScheduleView>))]
[JsonSerializable(typeof(Page<ScheduleView>))]
[JsonSerializable(typeof(Item<ScheduleRun>))]
[JsonSerializable(typeof(StateArguments))]
[JsonSerializable(typeof(Item<StateView>))]
[JsonSerializable(typeof(Page<StateView>))]
[JsonSerializable(typeof(ErrorAnswer))]
public sealed partial class ManagementJson : JsonSerializerContext
{
    private static ManagementJson? _compact;
    private static ManagementJson? _answers;

    // A body of 32 levels, and the object that it is an argument in.
    private const int MaxArgumentDepth = 33;

    /// <summary>The context of a hub, with the encoder for machines: text stays as it is instead of <c>\u</c> escapes. It reads arguments by the rule of I-JSON, each member of an object once.</summary>
    public static ManagementJson Compact =>
        _compact ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, AllowDuplicateProperties = false, MaxDepth = MaxArgumentDepth });

    /// <summary>The context that reads what a hub answers: what it left out is null, since nulls are not written and an older hub knows fewer members.</summary>
    public static ManagementJson Answers =>
        _answers ??= new(new JsonSerializerOptions(Compact.Options) { RespectRequiredConstructorParameters = false, AllowDuplicateProperties = true, MaxDepth = 0 });
}
