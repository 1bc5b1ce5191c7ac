using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Parley.Gateway.A2a;
using Parley.Gateway.Client;
using Parley.Gateway.Wire.V1;
using Parley.Protocol.Errors;
using Parley.Tests.A2a;
using Task = System.Threading.Tasks.Task;

namespace Parley.Tests.A2aClient;

public sealed class ClientRoundTripTests
{
    private static readonly A2aOperation[] _operations = [.. A2aMethods.All.Select(method => method.Operation)];

    public static TheoryData<A2aBinding, A2aVersion, A2aOperation> Everything
    {
        get
        {
            var data = new TheoryData<A2aBinding, A2aVersion, A2aOperation>();
            foreach (var (binding, version) in Ways)
            {
                foreach (var operation in _operations.Where(operation => version == A2aVersion.V1 || operation != A2aOperation.ListTasks))
                {
                    data.Add(binding, version, operation);
                }
            }

            return data;
        }
    }

    public static TheoryData<A2aBinding, A2aVersion> EveryWay
    {
        get
        {
            var data = new TheoryData<A2aBinding, A2aVersion>();
            foreach (var (binding, version) in Ways)
            {
                data.Add(binding, version);
            }

            return data;
        }
    }

    private static IEnumerable<(A2aBinding Binding, A2aVersion Version)> Ways =>
        System.Enum.GetValues<A2aBinding>().SelectMany(binding => new[] { (binding, A2aVersion.V1), (binding, A2aVersion.V03) });

    [Theory]
    [MemberData(nameof(Everything))]
    public async Task A_request_arrives_and_its_answer_comes_back(A2aBinding binding, A2aVersion version, A2aOperation operation)
    {
        using var server = new A2aDouble(binding, version) { Answers = AnswersTo(operation) };
        var request = RequestOf(operation, version);

        var answers = await CallAsync(server.Client(), operation, request);

        Assert.Equal(operation, server.Operation);
        Assert.Equal(request, server.Request);
        Assert.Equal(server.Answers, answers);
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public async Task An_error_comes_back_by_its_code(A2aBinding binding, A2aVersion version, A2aOperation operation)
    {
        using var server = new A2aDouble(binding, version);
        foreach (var code in A2aErrorRow.OwnCodes.Append(ErrorCode.AgentOffline).Append(ErrorCode.RateLimited))
        {
            server.Refusal = new ParleyException(code, "not\u001b[31m now");

            var refusal = await Assert.ThrowsAsync<ParleyException>(() => CallAsync(server.Client(), operation, RequestOf(operation, version)));

            Assert.Equal(code, refusal.Code);
            Assert.Equal("not [31m now", refusal.Message);
        }
    }

    [Theory]
    [MemberData(nameof(EveryWay))]
    public async Task Version_extensions_and_proof_travel_as_headers(A2aBinding binding, A2aVersion version)
    {
        using var server = new A2aDouble(binding, version) { Answers = [Samples.Task] };
        var options = new A2aClientOptions
        {
            Extensions = ["https://x.example/1", "https://x.example/2"],
            Credentials = new HostCredentials(new Uri("https://agent.example/"), A2aCredential.Bearer("secret-token")),
        };

        await server.Client(options).GetTaskAsync(new GetTaskRequest { Id = "t-1" }, CancellationToken.None);

        Assert.Equal(version == A2aVersion.V1 ? "1.0" : "0.3", server.Headers["A2A-Version"]);
        Assert.Equal("https://x.example/1, https://x.example/2", server.Headers[version == A2aVersion.V1 ? "A2A-Extensions" : "X-A2A-Extensions"]);
        Assert.Equal("Bearer secret-token", server.Headers["Authorization"]);
    }

    [Theory]
    [InlineData(A2aBinding.JsonRpc)]
    [InlineData(A2aBinding.HttpJson)]
    [InlineData(A2aBinding.Grpc)]
    public async Task The_tenant_of_the_card_is_echoed(A2aBinding binding)
    {
        using var server = new A2aDouble(binding, A2aVersion.V1) { Answers = [Samples.Task] };
        var request = new GetTaskRequest { Id = "t/1?" };

        await server.Client(tenant: "agent c").GetTaskAsync(request, CancellationToken.None);

        Assert.Equal(new GetTaskRequest { Id = "t/1?", Tenant = "agent c" }, server.Request);
        Assert.Empty(request.Tenant);
    }

    [Theory]
    [InlineData(A2aBinding.JsonRpc)]
    [InlineData(A2aBinding.HttpJson)]
    public async Task Events_have_the_ids_of_the_server_and_a_stream_is_taken_up_by_them(A2aBinding binding)
    {
        using var server = new A2aDouble(binding, A2aVersion.V1) { Answers = AnswersTo(A2aOperation.SubscribeToTask) };

        var events = await server.Client().SubscribeAsync(new SubscribeToTaskRequest { Id = "t-1" }, "41", CancellationToken.None).ToListAsync();

        Assert.Equal("41", server.Headers["Last-Event-ID"]);
        Assert.Equal(["1", "2", "3"], events.Select(one => one.Id));
    }

    [Theory]
    [InlineData(A2aBinding.JsonRpc)]
    [InlineData(A2aBinding.HttpJson)]
    [InlineData(A2aBinding.Grpc)]
    public async Task Tasks_of_0_3_cannot_be_listed_and_nothing_is_asked(A2aBinding binding)
    {
        using var server = new A2aDouble(binding, A2aVersion.V03);

        var refusal = await Assert.ThrowsAsync<ParleyException>(() => server.Client().ListTasksAsync(new ListTasksRequest(), CancellationToken.None));

        Assert.Equal(ErrorCode.OperationNotSupported, refusal.Code);
        Assert.Null(server.Operation);
    }

    [Fact]
    public void A_credential_goes_to_its_host_alone_and_never_in_clear_text_after_encryption()
    {
        var credentials = new HostCredentials(new Uri("https://agent.example/a"), A2aCredential.ApiKey("X-Key", "secret"));

        Assert.Equal("X-Key: (secret)", Find("https://agent.example:8443/b")?.ToString());
        Assert.Null(Find("https://other.example/"));
        Assert.Null(Find("http://agent.example/"));

        A2aCredential? Find(string address)
        {
            var found = credentials.FindAsync(new Uri(address), CancellationToken.None);
            Assert.True(found.IsCompletedSuccessfully);
            return found.GetAwaiter().GetResult();
        }
    }

    [Fact]
    public void A_credential_that_would_break_a_header_is_refused() =>
        Assert.Throws<ParleyException>(() => A2aCredential.Bearer("a\r\nX-Evil: 1"));

    internal static async Task<List<IMessage>> CallAsync(IA2aClient client, A2aOperation operation, IMessage request)
    {
        var none = CancellationToken.None;
        switch (operation)
        {
            case A2aOperation.SendStreamingMessage:
                return [.. (await client.SendStreamingAsync((SendMessageRequest)request, none).ToListAsync()).Select(one => one.Response)];
            case A2aOperation.SubscribeToTask:
                return [.. (await client.SubscribeAsync((SubscribeToTaskRequest)request, null, none).ToListAsync()).Select(one => one.Response)];
            case A2aOperation.DeletePushConfig:
                await client.DeletePushConfigAsync((DeleteTaskPushNotificationConfigRequest)request, none);
                return [new Empty()];
            default:
                return [operation switch
                {
                    A2aOperation.SendMessage => await client.SendAsync((SendMessageRequest)request, none),
                    A2aOperation.GetTask => await client.GetTaskAsync((GetTaskRequest)request, none),
                    A2aOperation.ListTasks => await client.ListTasksAsync((ListTasksRequest)request, none),
                    A2aOperation.CancelTask => await client.CancelTaskAsync((CancelTaskRequest)request, none),
                    A2aOperation.CreatePushConfig => await client.CreatePushConfigAsync((TaskPushNotificationConfig)request, none),
                    A2aOperation.GetPushConfig => await client.GetPushConfigAsync((GetTaskPushNotificationConfigRequest)request, none),
                    A2aOperation.ListPushConfigs => await client.ListPushConfigsAsync((ListTaskPushNotificationConfigsRequest)request, none),
                    _ => await client.GetExtendedCardAsync(none),
                }];
        }
    }

    internal static IMessage RequestOf(A2aOperation operation, A2aVersion version)
    {
        var tenant = version == A2aVersion.V1 && operation != A2aOperation.GetExtendedCard ? "agent-b" : string.Empty;
        var send = Samples.Send;
        var config = Samples.PushConfig;
        if (version == A2aVersion.V03)
        {
            (send.Tenant, send.Configuration.TaskPushNotificationConfig.Tenant, send.Configuration.TaskPushNotificationConfig.TaskId, config.Tenant) = (string.Empty, string.Empty, string.Empty, string.Empty);
        }

        return operation switch
        {
            A2aOperation.SendMessage or A2aOperation.SendStreamingMessage => send,
            A2aOperation.GetTask => new GetTaskRequest { Tenant = tenant, Id = "t-1", HistoryLength = 3 },
            A2aOperation.ListTasks => Samples.List,
            A2aOperation.CancelTask => new CancelTaskRequest { Tenant = tenant, Id = "t-1" },
            A2aOperation.SubscribeToTask => new SubscribeToTaskRequest { Tenant = tenant, Id = "t-1" },
            A2aOperation.CreatePushConfig => config,
            A2aOperation.GetPushConfig => new GetTaskPushNotificationConfigRequest { Tenant = tenant, TaskId = "t-1", Id = "p-1" },
            A2aOperation.ListPushConfigs => new ListTaskPushNotificationConfigsRequest { Tenant = tenant, TaskId = "t-1" },
            A2aOperation.DeletePushConfig => new DeleteTaskPushNotificationConfigRequest { Tenant = tenant, TaskId = "t-1", Id = "p-1" },
            _ => new GetExtendedAgentCardRequest(),
        };
    }

    internal static IReadOnlyList<IMessage> AnswersTo(A2aOperation operation)
    {
        var config = Samples.PushConfig;
        config.Tenant = string.Empty;
        return operation switch
        {
            A2aOperation.SendMessage => [new SendMessageResponse { Task = Samples.Task }],
            A2aOperation.SendStreamingMessage or A2aOperation.SubscribeToTask =>
                [new StreamResponse { Task = Samples.Task }, new StreamResponse { ArtifactUpdate = Samples.ArtifactUpdate }, new StreamResponse { StatusUpdate = Samples.StatusUpdate }],
            A2aOperation.ListTasks => [new ListTasksResponse { Tasks = { Samples.Task }, NextPageToken = "more", PageSize = 1, TotalSize = 2 }],
            A2aOperation.CreatePushConfig or A2aOperation.GetPushConfig => [config],
            A2aOperation.ListPushConfigs => [new ListTaskPushNotificationConfigsResponse { Configs = { config } }],
            A2aOperation.DeletePushConfig => [new Empty()],
            A2aOperation.GetExtendedCard => [Card()],
            _ => [Samples.Task],
        };
    }

    private static AgentCard Card() => new()
    {
        Name = "Echo", Description = "says it again", Version = "1", Capabilities = new AgentCapabilities { Streaming = true },
        SupportedInterfaces = { new AgentInterface { Url = "https://agent.example/base", ProtocolBinding = "JSONRPC", ProtocolVersion = "0.3" } },
        DefaultInputModes = { "text/plain" }, DefaultOutputModes = { "text/plain" }, Skills = { new AgentSkill { Id = "echo", Name = "Echo", Description = "echo", Tags = { "echo" } } },
    };
}
