using System.Net;
using System.Text;
using Google.Protobuf;
using Parley.Gateway.A2a;
using Parley.Gateway.Client;
using Parley.Gateway.ProtoJson;
using Parley.Gateway.Wire.V1;
using Parley.Protocol.Errors;
using Parley.Testing;
using Parley.Tests.A2a;
using Task = System.Threading.Tasks.Task;

namespace Parley.Tests.A2aClient;

public sealed class ClientBadInputTests
{
    public static TheoryData<A2aBinding, A2aVersion> HttpWays => new()
    {
        { A2aBinding.JsonRpc, A2aVersion.V1 }, { A2aBinding.JsonRpc, A2aVersion.V03 }, { A2aBinding.HttpJson, A2aVersion.V1 }, { A2aBinding.HttpJson, A2aVersion.V03 },
    };

    [Theory]
    [MemberData(nameof(HttpWays))]
    public async Task An_answer_that_is_no_answer_is_the_agents_mistake(A2aBinding binding, A2aVersion version)
    {
        string[] bodies = ["", "{", "null", "[]", "17", "{}", "{\"id\":17}", "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":null}", "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"id\":{}}}", "\"\\ud800\"", new('[', 10_000)];
        foreach (var body in bodies)
        {
            using var server = Raw(binding, version, _ => A2aDouble.Response(HttpStatusCode.OK, "application/json", Encoding.UTF8.GetBytes(body)));

            var refusal = await Assert.ThrowsAsync<ParleyException>(() => GetAsync(server));

            Assert.True(refusal.Code == ErrorCode.AgentAnswerInvalid, $"{body}: {refusal.Code}");
        }
    }

    [Theory]
    [MemberData(nameof(HttpWays))]
    public async Task A_page_is_no_answer(A2aBinding binding, A2aVersion version)
    {
        using var server = Raw(binding, version, _ => A2aDouble.Response(HttpStatusCode.OK, "text/html", "<html>{}</html>"u8.ToArray()));

        Assert.Equal(ErrorCode.AgentAnswerInvalid, (await Assert.ThrowsAsync<ParleyException>(() => GetAsync(server))).Code);
        Assert.Equal(ErrorCode.AgentAnswerInvalid, (await Assert.ThrowsAsync<ParleyException>(() => SubscribeAsync(server))).Code);
    }

    [Theory]
    [InlineData(401, ErrorCode.Unauthenticated)]
    [InlineData(403, ErrorCode.PermissionDenied)]
    [InlineData(405, ErrorCode.OperationNotSupported)]
    [InlineData(413, ErrorCode.MessageTooLarge)]
    [InlineData(429, ErrorCode.RateLimited)]
    [InlineData(503, ErrorCode.AgentUnreachable)]
    [InlineData(504, ErrorCode.DeadlineExceeded)]
    [InlineData(500, ErrorCode.ResponderFailed)]
    [InlineData(302, ErrorCode.AgentAnswerInvalid)]
    public async Task A_bare_status_is_understood(int status, ErrorCode code)
    {
        foreach (var way in HttpWays.Select(row => row.Data))
        {
            using var server = Raw(way.Item1, way.Item2, _ => A2aDouble.Response((HttpStatusCode)status, "text/plain", "no"u8.ToArray()));

            Assert.Equal(code, (await Assert.ThrowsAsync<ParleyException>(() => GetAsync(server))).Code);
        }
    }

    [Theory]
    [MemberData(nameof(HttpWays))]
    public async Task An_answer_beyond_the_limit_is_not_read(A2aBinding binding, A2aVersion version)
    {
        using var server = Raw(binding, version, _ => A2aDouble.Response(HttpStatusCode.OK, "application/json", new byte[2000]));

        var refusal = await Assert.ThrowsAsync<ParleyException>(() => GetAsync(server, new A2aClientOptions { Limits = new JsonLimits(1000, 32) }));

        Assert.Equal(ErrorCode.MessageTooLarge, refusal.Code);
    }

    [Theory]
    [MemberData(nameof(HttpWays))]
    public async Task An_event_or_a_stream_beyond_its_limit_is_not_read(A2aBinding binding, A2aVersion version)
    {
        var small = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(": " + new string('x', 100) + "\r\n\r\n", 100)));
        using var server = Raw(binding, version, _ => A2aDouble.Response(HttpStatusCode.OK, "text/event-stream", small));

        Assert.Empty(await SubscribeAsync(server, new A2aClientOptions { MaxEventBytes = 200 }));
        Assert.Equal(ErrorCode.MessageTooLarge, (await Assert.ThrowsAsync<ParleyException>(() => SubscribeAsync(server, new A2aClientOptions { MaxEventBytes = 50 }))).Code);
        Assert.Equal(ErrorCode.MessageTooLarge, (await Assert.ThrowsAsync<ParleyException>(() => SubscribeAsync(server, new A2aClientOptions { MaxStreamBytes = 5000 }))).Code);
    }

    [Theory]
    [MemberData(nameof(HttpWays))]
    public async Task A_stream_that_is_cut_gives_what_was_whole(A2aBinding binding, A2aVersion version)
    {
        var whole = await EventsAsync(binding, version);
        using var server = Raw(binding, version, _ => A2aDouble.Response(HttpStatusCode.OK, "text/event-stream", whole.AsMemory(0, whole.Length - 40)));

        var events = await SubscribeAsync(server);

        Assert.Equal(2, events.Count);
    }

    [Theory]
    [MemberData(nameof(HttpWays))]
    public async Task An_error_within_a_stream_ends_it_as_a_refusal(A2aBinding binding, A2aVersion version)
    {
        var body = binding == A2aBinding.JsonRpc
            ? "event: error\ndata: {\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32001,\"message\":\"gone\\u001b\"}}\n\n"
            : "event: error\ndata: {\"error\":{\"code\":404,\"status\":\"NOT_FOUND\",\"message\":\"gone\\u001b\",\"details\":[{\"reason\":\"TASK_NOT_FOUND\",\"domain\":\"a2a-protocol.org\"}]}}\n\n";
        using var server = Raw(binding, version, _ => A2aDouble.Response(HttpStatusCode.OK, "text/event-stream", Encoding.UTF8.GetBytes(body)));

        var refusal = await Assert.ThrowsAsync<ParleyException>(() => SubscribeAsync(server));

        Assert.Equal((ErrorCode.TaskUnknown, "gone"), (refusal.Code, refusal.Message));
    }

    [Fact]
    public async Task Old_servers_errors_of_REST_are_read_too()
    {
        using var server = Raw(A2aBinding.HttpJson, A2aVersion.V03, _ => A2aDouble.Response(HttpStatusCode.Conflict, "application/json", "{\"code\":-32002,\"message\":\"ended\"}"u8.ToArray()));

        Assert.Equal(ErrorCode.TaskNotCancelable, (await Assert.ThrowsAsync<ParleyException>(() => GetAsync(server))).Code);
    }

    [Fact]
    public async Task A_subscription_uses_the_other_verb_where_the_first_is_unknown()
    {
        var whole = await EventsAsync(A2aBinding.HttpJson, A2aVersion.V1);
        using var server = Raw(A2aBinding.HttpJson, A2aVersion.V1, request => request.Method == HttpMethod.Get
            ? A2aDouble.Response(HttpStatusCode.MethodNotAllowed, "text/plain", "no"u8.ToArray())
            : A2aDouble.Response(HttpStatusCode.OK, "text/event-stream", whole));

        Assert.Equal(3, (await SubscribeAsync(server)).Count);
    }

    [Fact]
    public async Task An_agent_that_does_not_answer_is_given_up()
    {
        var time = new FakeTimeProvider();
        using var invoker = new HttpMessageInvoker(new SilentHandler());
        var client = Parley.Gateway.Client.A2aClient.Create(invoker, new A2aEndpoint(new Uri("https://agent.example"), A2aBinding.HttpJson, A2aVersion.V1), new A2aClientOptions { Time = time });

        var asking = client.GetTaskAsync(new GetTaskRequest { Id = "t" }, CancellationToken.None);
        time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(ErrorCode.DeadlineExceeded, (await Assert.ThrowsAsync<ParleyException>(() => asking)).Code);
    }

    [Fact]
    public async Task A_caller_who_withdraws_is_not_told_of_a_failure()
    {
        using var stop = new CancellationTokenSource();
        using var invoker = new HttpMessageInvoker(new SilentHandler());
        var client = Parley.Gateway.Client.A2aClient.Create(invoker, new A2aEndpoint(new Uri("https://agent.example"), A2aBinding.JsonRpc, A2aVersion.V1), new A2aClientOptions());

        var asking = client.GetTaskAsync(new GetTaskRequest { Id = "t" }, stop.Token);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
    }

    [Theory]
    [MemberData(nameof(HttpWays))]
    public async Task Whatever_an_agent_answers_is_read_or_refused(A2aBinding binding, A2aVersion version)
    {
        var answer = await AnswerAsync(binding, version);
        var events = await EventsAsync(binding, version);
        await FuzzAsync(5200, Fuzz.Count / 4, async random =>
        {
            var isStream = random.Next(2) == 0;
            var bytes = random.Next(10) == 0 ? Fuzz.Bytes(random, 200) : Fuzz.Mutate(random, isStream ? events : answer);
            using var server = Raw(binding, version, _ => A2aDouble.Response(
                random.Next(8) == 0 ? (HttpStatusCode)random.Next(200, 600) : HttpStatusCode.OK, isStream ? "text/event-stream" : "application/json", bytes));
            var failure = await Record.ExceptionAsync(() => isStream ? SubscribeAsync(server) : GetAsync(server));
            Assert.True(failure is null or ParleyException, failure?.ToString());
            Assert.False(failure?.Message.Any(char.IsControl) == true, failure?.Message);
        });
    }

    [Theory]
    [InlineData(A2aVersion.V1)]
    [InlineData(A2aVersion.V03)]
    public async Task Whatever_an_agent_answers_over_gRPC_is_read_or_refused(A2aVersion version)
    {
        var wire = new GrpcWire(version);
        var answer = await wire.Answer(A2aOperation.GetTask, Samples.Task).Content.ReadAsByteArrayAsync();
        var events = await wire.Stream(ClientRoundTripTests.AnswersTo(A2aOperation.SubscribeToTask)).Content.ReadAsByteArrayAsync();
        string?[] statuses = ["0", null, "5", "99", "x", "-1", "0, 5"];
        await FuzzAsync(5500, Fuzz.Count / 4, async random =>
        {
            var isStream = random.Next(2) == 0;
            var bytes = random.Next(10) == 0 ? Fuzz.Bytes(random, 200) : Fuzz.Mutate(random, isStream ? events : answer);
            using var server = Raw(A2aBinding.Grpc, version, _ =>
            {
                var response = A2aDouble.Response(random.Next(8) == 0 ? (HttpStatusCode)random.Next(200, 600) : HttpStatusCode.OK, random.Next(8) == 0 ? "text/html" : "application/grpc", bytes);
                if (statuses[random.Next(statuses.Length)] is { } status)
                {
                    (random.Next(2) == 0 ? response.TrailingHeaders : response.Headers).TryAddWithoutValidation("grpc-status", status);
                    response.TrailingHeaders.TryAddWithoutValidation("grpc-message", Encoding.Latin1.GetString(Fuzz.Bytes(random, 20)));
                    response.TrailingHeaders.TryAddWithoutValidation("grpc-status-details-bin", Convert.ToBase64String(Fuzz.Bytes(random, 40)));
                }

                return response;
            });
            var failure = await Record.ExceptionAsync(() => isStream ? SubscribeAsync(server) : GetAsync(server));
            Assert.True(failure is null or ParleyException, failure?.ToString());
            Assert.False(failure?.Message.Any(char.IsControl) == true, failure?.Message);
        });
    }

    [Fact]
    public void Text_of_a_stranger_is_made_harmless() =>
        Fuzz.Run(5300, Fuzz.Count, random => new string([.. Enumerable.Range(0, random.Next(600)).Select(_ => (char)random.Next(random.Next(2) == 0 ? 0x100 : 0x10000))]), text =>
        {
            var clean = RemoteText.Clean(text, "nothing");

            Assert.InRange(clean.Length, 1, 401);
            Assert.DoesNotContain(clean, letter => char.IsControl(letter) || letter is '\u202e' or '\u2028');
        });

    private static A2aDouble Raw(A2aBinding binding, A2aVersion version, Func<HttpRequestMessage, HttpResponseMessage> answer) => new(binding, version) { Raw = answer };

    private static Task<Parley.Gateway.Wire.V1.Task> GetAsync(A2aDouble server, A2aClientOptions? options = null) =>
        server.Client(options).GetTaskAsync(new GetTaskRequest { Id = "t-1" }, CancellationToken.None);

    private static async Task<List<A2aEvent>> SubscribeAsync(A2aDouble server, A2aClientOptions? options = null) =>
        await server.Client(options).SubscribeAsync(new SubscribeToTaskRequest { Id = "t-1" }, null, CancellationToken.None).ToListAsync();

    private static Task<byte[]> AnswerAsync(A2aBinding binding, A2aVersion version) => Wire(binding, version).Answer(A2aOperation.GetTask, Samples.Task).Content.ReadAsByteArrayAsync();

    private static Task<byte[]> EventsAsync(A2aBinding binding, A2aVersion version) =>
        Wire(binding, version).Stream(ClientRoundTripTests.AnswersTo(A2aOperation.SubscribeToTask)).Content.ReadAsByteArrayAsync();

    private static IDoubleWire Wire(A2aBinding binding, A2aVersion version) => binding == A2aBinding.JsonRpc ? new JsonRpcWire(version) : new RestWire(version);

    private static async Task FuzzAsync(int seed, int count, Func<Random, Task> body)
    {
        for (var number = 0; number < count; number++)
        {
            try
            {
                await body(new Random(seed + number));
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"Input {number} of seed {seed} failed: {exception.Message}", exception);
            }
        }
    }

    private sealed class SilentHandler : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await Task.Delay(System.Threading.Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            throw new InvalidOperationException();
        }
    }
}
