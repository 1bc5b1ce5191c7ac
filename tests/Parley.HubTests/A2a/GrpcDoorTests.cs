using Google.Protobuf;
using Parley.Gateway.A2a;
using Parley.Gateway.Wire.V1;
using Parley.Protocol.Errors;
using Parley.Protocol.Grpc;
using Parley.Testing;
using Parley.Testing.A2a;
using Task = System.Threading.Tasks.Task;

namespace Parley.HubTests.A2a;

/// <summary>gRPC of 1.0: the agent is the tenant.</summary>
public sealed class GrpcDoorTests : A2aDoorSpec
{
    [Fact]
    public async Task A_call_past_its_deadline_ends_and_leaves_the_work_alone()
    {
        var ended = new TaskCompletionSource();
        var (clock, limit) = (new FakeTimeProvider(), TimeSpan.FromHours(1));
        Operations.Events = (_, _, cancellationToken) => A2aSamples.WaitAsync(ended, cancellationToken);
        var client = new GrpcTestClient(Hub.Hub.Grpc, Key, A2aVersion.V1, "bob") { Limit = limit, Time = clock };

        var seen = await Assert.ThrowsAsync<A2aRefused>(async () =>
        {
            await foreach (var one in client.StreamAsync(A2aOperation.SendStreamingMessage, A2aSamples.Send(), null, Stop))
            {
                Assert.NotNull(one.Response);
                clock.Advance(limit);
            }
        });

        Assert.Equal((int)GrpcStatusCode.DeadlineExceeded, seen.Status);
        await ended.Task.WaitAsync(Deadline.Shared, Stop);
    }

    [Fact]
    public async Task Metadata_may_name_the_agent_and_must_not_name_another_than_the_request()
    {
        Operations.Answer = _ => A2aSamples.Task();
        var alone = new GrpcTestClient(Hub.Hub.Grpc, Key, A2aVersion.V1, string.Empty) { Metadata = new Dictionary<string, string> { ["parley-agent"] = "bob" } };
        var torn = new GrpcTestClient(Hub.Hub.Grpc, Key, A2aVersion.V1, "acme.eve") { Metadata = new Dictionary<string, string> { ["parley-agent"] = "bob" } };

        await alone.CallAsync(A2aOperation.GetTask, new GetTaskRequest { Id = "t-1" }, Stop);
        var refused = await Assert.ThrowsAsync<A2aRefused>(() => torn.CallAsync(A2aOperation.GetTask, new GetTaskRequest { Id = "t-1" }, Stop));

        Assert.Equal("bob", ((GetTaskRequest)Operations.Last.Request).Tenant);
        torn.AssertRefused(ErrorCode.InvalidArgument, refused);
    }

    [Theory]
    [InlineData("0.3")]
    [InlineData("9.9")]
    public async Task A_version_that_the_service_does_not_speak_is_refused(string version)
    {
        var channel = new GrpcChannel(new HttpMessageInvoker(GrpcHttpHandler.Create()), Hub.Hub.Grpc);
        var options = new GrpcCallOptions { Headers = new GrpcMetadata().Add("authorization", $"Bearer {Key}").Add("a2a-version", version) };

        var failure = await Assert.ThrowsAsync<GrpcException>(() => channel.UnaryAsync<GetTaskRequest, Gateway.Wire.V1.Task>(
            $"/{A2aMethods.V1Service}/GetTask", new GetTaskRequest { Id = "t-1" }, options, Stop));

        Assert.Equal(GrpcStatusCode.FailedPrecondition, failure.Status.Code);
        Assert.Contains("VERSION_NOT_SUPPORTED", failure.Status.Details.Span.ToArray().Select(value => (char)value).Aggregate(string.Empty, (text, letter) => text + letter), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_beyond_the_limit_is_refused_and_one_within_it_taken()
    {
        Operations.Answer = _ => new SendMessageResponse { Task = A2aSamples.Task() };
        var (large, beyond) = (A2aSamples.Send(), A2aSamples.Send());
        large.Message.Parts.Add(new Part { Raw = ByteString.CopyFrom(new byte[12 * 1024 * 1024]) });
        beyond.Message.Parts.Add(new Part { Raw = ByteString.CopyFrom(new byte[17 * 1024 * 1024]) });
        var channel = new GrpcChannel(new HttpMessageInvoker(GrpcHttpHandler.Create()), Hub.Hub.Grpc, new GrpcChannelOptions { MaxSendBytes = 32 * 1024 * 1024 });
        var options = new GrpcCallOptions { Headers = new GrpcMetadata().Add("authorization", $"Bearer {Key}").Add("parley-agent", "bob") };

        var taken = await channel.UnaryAsync<SendMessageRequest, SendMessageResponse>($"/{A2aMethods.V1Service}/SendMessage", large, options, Stop);
        var failure = await Assert.ThrowsAsync<GrpcException>(() => channel.UnaryAsync<SendMessageRequest, SendMessageResponse>($"/{A2aMethods.V1Service}/SendMessage", beyond, options, Stop));

        Assert.NotNull(taken.Message.Task);
        Assert.Equal(GrpcStatusCode.ResourceExhausted, failure.Status.Code);
    }

    [Fact]
    public async Task A_method_that_does_not_exist_is_unimplemented()
    {
        var channel = new GrpcChannel(new HttpMessageInvoker(GrpcHttpHandler.Create()), Hub.Hub.Grpc);

        var failure = await Assert.ThrowsAsync<GrpcException>(() => channel.UnaryAsync<GetTaskRequest, Gateway.Wire.V1.Task>(
            $"/{A2aMethods.V1Service}/Nothing", new GetTaskRequest(), new GrpcCallOptions { Headers = new GrpcMetadata().Add("authorization", $"Bearer {Key}") }, Stop));

        Assert.Equal(GrpcStatusCode.Unimplemented, failure.Status.Code);
    }

    [Fact]
    public async Task Whatever_bytes_come_the_answer_is_a_status_and_never_a_defect()
    {
        Operations.Answer = _ => null;
        using var http = new HttpMessageInvoker(GrpcHttpHandler.Create());
        var good = A2aSamples.Send().ToByteArray();
        for (var seed = 0; seed < 500; seed++)
        {
            var random = new Random(95_000 + seed);
            var bytes = random.Next(4) == 0 ? Fuzz.Bytes(random, 200) : Fuzz.Mutate(random, good);
            byte[] frame = random.Next(8) == 0 ? bytes : [0, 0, 0, (byte)(bytes.Length >> 8), (byte)bytes.Length, .. bytes];
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Hub.Hub.Grpc, $"/{(random.Next(2) == 0 ? A2aMethods.V1Service : A2aMethods.V03Service)}/SendMessage"))
            {
                Version = new Version(2, 0), VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = new ByteArrayContent(frame),
            };
            request.Headers.TryAddWithoutValidation("authorization", $"Bearer {await KeyOfAsync(seed / 150)}");
            request.Headers.TryAddWithoutValidation("parley-agent", "bob");
            request.Content.Headers.ContentType = new System.Net.Http.Headers.MediaTypeHeaderValue("application/grpc");

            using var response = await http.SendAsync(request, Stop);
            await response.Content.ReadAsByteArrayAsync(Stop);

            var status = response.TrailingHeaders.TryGetValues("grpc-status", out var trailer) ? trailer.Single() : response.Headers.GetValues("grpc-status").Single();
            Assert.True(status is not "13" and not "2", $"seed {seed}: status {status}");
        }
    }

    private protected override A2aTestClient Connect(string key)
    {
        Key = Key.Length == 0 ? key : Key;
        return new GrpcTestClient(Hub.Hub.Grpc, key, A2aVersion.V1, "bob");
    }

    private protected override void AssertChallenged(A2aRefused seen) => Assert.Equal((int)GrpcStatusCode.Unauthenticated, seen.Status);

    private protected override void AssertToldWhen(A2aRefused seen) => Assert.Equal((int)GrpcStatusCode.ResourceExhausted, seen.Status);

    private string Key { get; set; } = string.Empty;

    private readonly Dictionary<int, string> _keys = [];

    // The rate of one key is below what the loop needs.
    private async Task<string> KeyOfAsync(int number) =>
        _keys.TryGetValue(number, out var key) ? key
        : _keys[number] = (await Hub.Get<Parley.Hub.Identity.ApiKeys>().CreateAsync("acme", Parley.Hub.Identity.ApiScopes.Messages, null, "test", Stop)).Secret;
}

/// <summary>gRPC of 0.3: metadata names the agent.</summary>
public sealed class OldGrpcDoorTests : A2aDoorSpec
{
    private protected override A2aTestClient Connect(string key) => new GrpcTestClient(Hub.Hub.Grpc, key, A2aVersion.V03, "bob");

    private protected override void AssertChallenged(A2aRefused seen) => Assert.Equal((int)GrpcStatusCode.Unauthenticated, seen.Status);

    private protected override void AssertToldWhen(A2aRefused seen) => Assert.Equal((int)GrpcStatusCode.ResourceExhausted, seen.Status);
}
