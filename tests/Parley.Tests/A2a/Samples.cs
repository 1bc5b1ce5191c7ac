using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Parley.Gateway.Wire.V1;
using V1 = Parley.Gateway.Wire.V1;

namespace Parley.Tests.A2a;

/// <summary>Messages with every field set, and random ones.</summary>
internal static class Samples
{
    private static readonly Timestamp _time = new() { Seconds = 1_767_323_045, Nanos = 6_000_000 };

    public static Struct Metadata => new()
    {
        Fields =
        {
            ["whole"] = Value.ForNumber(42),
            ["fraction"] = Value.ForNumber(0.5),
            ["nothing"] = Value.ForNull(),
            ["list"] = Value.ForList(Value.ForBool(true), Value.ForString("é \"x\" \n")),
            ["object"] = Value.ForStruct(new Struct { Fields = { ["deep"] = Value.ForString("") } }),
        },
    };

    public static Message Message => new()
    {
        MessageId = "m-1",
        ContextId = "c-1",
        TaskId = "t-1",
        Role = Role.User,
        Parts =
        {
            new Part { Text = "hi", Filename = "hi.txt", MediaType = "text/plain", Metadata = Metadata },
            new Part { Raw = ByteString.CopyFrom(0xfb, 0xff, 0x01), Filename = "a.bin", MediaType = "application/octet-stream" },
            new Part { Url = "https://files.example/a.pdf", MediaType = "application/pdf" },
            new Part { Data = Value.ForStruct(Metadata) },
            new Part { Data = Value.ForList(Value.ForNumber(1), Value.ForString("two")) },
            new Part { Text = string.Empty },
        },
        Metadata = Metadata,
        Extensions = { "https://extensions.example/one" },
        ReferenceTaskIds = { "t-0" },
    };

    public static V1.Task Task => new()
    {
        Id = "t-1",
        ContextId = "c-1",
        Status = new V1.TaskStatus { State = TaskState.InputRequired, Timestamp = _time, Message = new Message { MessageId = "m-2", Role = Role.Agent, Parts = { new Part { Text = "which?" } } } },
        Artifacts = { Artifact },
        History = { Message },
        Metadata = Metadata,
    };

    public static Artifact Artifact => new()
    {
        ArtifactId = "a-1", Name = "report", Description = "what was found", Parts = { new Part { Text = "one" } }, Metadata = Metadata, Extensions = { "https://extensions.example/one" },
    };

    public static TaskStatusUpdateEvent StatusUpdate => new() { TaskId = "t-1", ContextId = "c-1", Status = Task.Status, Metadata = Metadata };

    public static TaskArtifactUpdateEvent ArtifactUpdate => new() { TaskId = "t-1", ContextId = "c-1", Artifact = Artifact, Append = true, LastChunk = true, Metadata = Metadata };

    public static TaskPushNotificationConfig PushConfig => new()
    {
        Tenant = "agent-b", Id = "p-1", TaskId = "t-1", Url = "https://caller.example/hook", Token = "token",
        Authentication = new AuthenticationInfo { Scheme = "Bearer", Credentials = "secret" },
    };

    public static SendMessageRequest Send => new()
    {
        Tenant = "agent-b",
        Message = Message,
        Configuration = new SendMessageConfiguration { AcceptedOutputModes = { "text/plain" }, TaskPushNotificationConfig = PushConfig, HistoryLength = 0, ReturnImmediately = true },
        Metadata = Metadata,
    };

    public static ListTasksRequest List => new()
    {
        Tenant = "agent-b", ContextId = "c-1", Status = TaskState.Working, PageSize = 10, PageToken = "next", HistoryLength = 3, StatusTimestampAfter = _time, IncludeArtifacts = false,
    };

    public static AgentCard Card => new()
    {
        Name = "Agent B",
        Description = "Answers.",
        SupportedInterfaces =
        {
            new AgentInterface { Url = "https://hub.example/agents/b", ProtocolBinding = "JSONRPC", ProtocolVersion = "1.0" },
            new AgentInterface { Url = "https://hub.example", ProtocolBinding = "GRPC", Tenant = "agent-b", ProtocolVersion = "1.0" },
            new AgentInterface { Url = "https://hub.example/agents/b", ProtocolBinding = "JSONRPC", ProtocolVersion = "0.3" },
        },
        Provider = new AgentProvider { Url = "https://owner.example", Organization = "Owner" },
        Version = "2.1",
        DocumentationUrl = "https://owner.example/docs",
        IconUrl = "https://owner.example/icon.png",
        Capabilities = new AgentCapabilities
        {
            Streaming = true, PushNotifications = false, ExtendedAgentCard = true,
            Extensions = { new AgentExtension { Uri = "https://extensions.example/one", Description = "one", Required = true, Params = new Struct { Fields = { ["level"] = Value.ForNumber(2) } } } },
        },
        SecuritySchemes =
        {
            ["key"] = new SecurityScheme { ApiKeySecurityScheme = new APIKeySecurityScheme { Location = "header", Name = "X-API-Key" } },
            ["bearer"] = new SecurityScheme { HttpAuthSecurityScheme = new HTTPAuthSecurityScheme { Scheme = "Bearer", BearerFormat = "opaque" } },
            ["oauth"] = new SecurityScheme
            {
                Oauth2SecurityScheme = new OAuth2SecurityScheme
                {
                    Oauth2MetadataUrl = "https://id.example/.well-known/oauth-authorization-server",
                    Flows = new OAuthFlows { AuthorizationCode = new AuthorizationCodeOAuthFlow { AuthorizationUrl = "https://id.example/a", TokenUrl = "https://id.example/t", Scopes = { ["read"] = "Read" } } },
                },
            },
        },
        SecurityRequirements = { new SecurityRequirement { Schemes = { ["key"] = new StringList() } }, new SecurityRequirement { Schemes = { ["oauth"] = new StringList { List = { "read" } } } } },
        DefaultInputModes = { "text/plain" },
        DefaultOutputModes = { "text/plain", "application/json" },
        Skills =
        {
            new AgentSkill
            {
                Id = "answer", Name = "Answer", Description = "Answers questions.", Tags = { "questions" }, Examples = { "What is 1+1?" }, InputModes = { "text/plain" }, OutputModes = { "text/plain" },
                SecurityRequirements = { new SecurityRequirement { Schemes = { ["key"] = new StringList() } } },
            },
        },
        Signatures = { new AgentCardSignature { Protected = "eyJhbGciOiJFUzI1NiJ9", Signature = "AAAA", Header = new Struct { Fields = { ["note"] = Value.ForString("x") } } } },
    };

    public static IReadOnlyDictionary<string, IMessage> All => new Dictionary<string, IMessage>
    {
        ["send"] = Send,
        ["send-answer"] = new SendMessageResponse { Message = Message },
        ["task"] = Task,
        ["stream-task"] = new StreamResponse { Task = Task },
        ["stream-message"] = new StreamResponse { Message = Message },
        ["stream-status"] = new StreamResponse { StatusUpdate = StatusUpdate },
        ["stream-artifact"] = new StreamResponse { ArtifactUpdate = ArtifactUpdate },
        ["get"] = new GetTaskRequest { Id = "t-1", HistoryLength = 0 },
        ["list"] = List,
        ["list-answer"] = new ListTasksResponse(),
        ["cancel"] = new CancelTaskRequest { Id = "t-1", Metadata = Metadata },
        ["push"] = PushConfig,
        ["push-list"] = new ListTaskPushNotificationConfigsResponse { Configs = { PushConfig } },
        ["card"] = Card,
    };
}
