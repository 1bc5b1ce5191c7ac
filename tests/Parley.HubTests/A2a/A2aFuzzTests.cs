using System.Net.Http.Headers;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Parley.Gateway.A2a;
using Parley.Gateway.ProtoJson;
using Parley.Hub.Identity;
using Parley.Hub.Transports.Http.A2a;
using Parley.Testing;
using Parley.Testing.A2a;
using V03 = Parley.Gateway.Wire.V03;
using V1 = Parley.Gateway.Wire.V1;

namespace Parley.HubTests.A2a;

/// <summary>Requests of every type, odd and damaged, on every HTTP binding: each is answered in its dialect, none is a failure of the hub.</summary>
public sealed class A2aFuzzTests
{
    private const int Seed = 40_126;
    private const int Count = 2_500;
    private const int AtOnce = 8;

    private static readonly (A2aOperation Operation, MessageDescriptor V1, MessageDescriptor? V03)[] _types =
    [
        (A2aOperation.SendMessage, V1.SendMessageRequest.Descriptor, V03.SendMessageRequest.Descriptor),
        (A2aOperation.SendStreamingMessage, V1.SendMessageRequest.Descriptor, V03.SendMessageRequest.Descriptor),
        (A2aOperation.GetTask, V1.GetTaskRequest.Descriptor, null),
        (A2aOperation.ListTasks, V1.ListTasksRequest.Descriptor, null),
        (A2aOperation.CancelTask, V1.CancelTaskRequest.Descriptor, null),
        (A2aOperation.SubscribeToTask, V1.SubscribeToTaskRequest.Descriptor, null),
        (A2aOperation.CreatePushConfig, V1.TaskPushNotificationConfig.Descriptor, V03.TaskPushNotificationConfigParams.Descriptor),
        (A2aOperation.GetPushConfig, V1.GetTaskPushNotificationConfigRequest.Descriptor, null),
        (A2aOperation.ListPushConfigs, V1.ListTaskPushNotificationConfigsRequest.Descriptor, null),
        (A2aOperation.DeletePushConfig, V1.DeleteTaskPushNotificationConfigRequest.Descriptor, null),
        (A2aOperation.GetExtendedCard, V1.GetExtendedAgentCardRequest.Descriptor, null),
    ];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(nameof(JsonRpc))]
    [InlineData(nameof(Rest))]
    public async Task Whatever_is_sent_is_answered_in_the_dialect(string binding)
    {
        await using var stage = await DoorStage.StartAsync();
        stage.Operations.Events = (_, _, _) => A2aSamples.EventsAsync(1);
        stage.Operations.Answer = request => request is V1.SendMessageRequest ? new V1.SendMessageResponse { Task = A2aSamples.Task() } : null;

        await SendAllAsync(stage.Http, binding, Seed);
    }

    [Theory]
    [InlineData(nameof(JsonRpc))]
    [InlineData(nameof(Rest))]
    public async Task Whatever_is_sent_to_a_real_agent_is_answered_in_the_dialect(string binding)
    {
        await using var hub = await HubFixture.StartAsync();
        var agent = await hub.EnrolAsync("bob");
        await hub.ConnectListenerAsync(agent, (_, _) => Task.FromResult("ok"), null, Stop);
        var (_, secret) = await hub.Get<ApiKeys>().CreateAsync("acme", ApiScopes.Messages, null, "test", Stop);
        using var http = new HttpClient { BaseAddress = hub.Hub.Http };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", secret);

        await SendAllAsync(http, binding, Seed + Count);
    }

    private static async Task SendAllAsync(HttpClient http, string binding, int firstSeed)
    {
        var isJsonRpc = binding == nameof(JsonRpc);
        await Parallel.ForEachAsync(Enumerable.Range(firstSeed, Count), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = Stop }, async (seed, cancellationToken) =>
        {
            var random = new Random(seed);
            using var request = isJsonRpc ? JsonRpc(random) : Rest(random);
            var what = $"seed {seed}: {request.Method} {request.RequestUri}";
            using var response = await http.SendAsync(request, cancellationToken).WaitAsync(Deadline.Shared, cancellationToken);
            var text = await response.Content.ReadAsStringAsync(cancellationToken);

            Assert.True((int)response.StatusCode < 500, $"{what}: {(int)response.StatusCode} {text}");
            Assert.False(text.Contains("-32603", StringComparison.Ordinal) || text.Contains("   at ", StringComparison.Ordinal) || text.Contains("Exception", StringComparison.Ordinal), $"{what}: {text}");
            Assert.True(!isJsonRpc || text.Contains("\"jsonrpc\":\"2.0\"", StringComparison.Ordinal), $"{what}: {text}");
        });
    }

    private static HttpRequestMessage JsonRpc(Random random)
    {
        var (operation, type, old) = _types[random.Next(_types.Length)];
        var isOld = random.Next(2) == 0;
        var row = A2aMethods.All.Single(row => row.Operation == operation);
        var method = random.Next(12) == 0 ? "message" : isOld ? row.V03 : row.V1;
        var parameters = Encoding.UTF8.GetString(JsonOf(random, isOld ? old ?? type : type, isOld ? JsonDialect.Kind : JsonDialect.V1));
        var body = Damaged(random, Encoding.UTF8.GetBytes($$"""{"jsonrpc":"2.0","id":{{random.Next()}},"method":"{{method}}","params":{{parameters}}}"""));
        string[] paths = ["/agents/bob", "/bob/a2a", "/a2a", "/a2a/stream", "/agents/umbrella.bob", "/agents/%E2%80%AE", "/agents/nobody"];
        return Post(random, paths[random.Next(paths.Length)], body);
    }

    private static HttpRequestMessage Rest(Random random)
    {
        var route = (random.Next(2) == 0 ? RestRoute.All : RestRoute.Old)[random.Next(RestRoute.All.Count)];
        var isOld = route.Version == A2aVersion.V03;
        var (_, type, old) = _types.Single(one => one.Operation == route.Operation);
        string[] prefixes = isOld ? ["/agents/bob/", "/agents/nobody/"] : ["/agents/bob/", "/bob/", "/", "/acme.bob/", "/agents/nobody/"];
        var path = prefixes[random.Next(prefixes.Length)] + route.Path.Replace("{task}", Odd(random), StringComparison.Ordinal).Replace("{config}", Odd(random), StringComparison.Ordinal);
        string[] queries = ["", "?historyLength=-1", "?pageSize=99999999999", "?status=TASK_STATE_WORKING&page_token=%00", "?tenant=eve", "?statusTimestampAfter=2026-01-02T03:04:05Z", "?A2A-Version=7", "?=&&=%"];
        if (!route.TakesBody)
        {
            return new HttpRequestMessage(new HttpMethod(route.Method), path + queries[random.Next(queries.Length)]);
        }

        var dialect = !isOld ? JsonDialect.V1 : random.Next(2) == 0 ? JsonDialect.Kind : JsonDialect.V03;
        return Post(random, path + queries[random.Next(queries.Length)], Damaged(random, JsonOf(random, isOld ? old ?? type : type, dialect)));
    }

    private static HttpRequestMessage Post(Random random, string path, byte[] body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(random.Next(10) == 0 ? "application/a2a+json" : "application/json");
        if (random.Next(10) == 0)
        {
            request.Headers.TryAddWithoutValidation("A2A-Version", random.Next(3) switch { 0 => "1.0", 1 => "0.3", _ => "1.0.0.0" });
            request.Headers.TryAddWithoutValidation("A2A-Extensions", "https://e.example/1, ,,");
            request.Headers.TryAddWithoutValidation("Last-Event-ID", random.Next(-2, 5).ToString());
        }

        return request;
    }

    private static byte[] JsonOf(Random random, MessageDescriptor type, JsonDialect dialect) => dialect.ToBytes(RandomRequests.Of(type, random)).ToArray();

    private static byte[] Damaged(Random random, byte[] body) => random.Next(3) == 0 ? Fuzz.Mutate(random, body) : body;

    private static string Odd(Random random)
    {
        string[] ids = ["t-1", "%2e%2e", "..%2f..%2fetc", "%00", "%ff", "a:b", "x%20y", new('x', 500), "%E2%80%AE"];
        return ids[random.Next(ids.Length)];
    }
}
