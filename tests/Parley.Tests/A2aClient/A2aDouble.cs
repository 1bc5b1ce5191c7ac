using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;
using Parley.Gateway.A2a;
using Parley.Gateway.Client;
using Parley.Gateway.Sse;
using Parley.Protocol.Errors;

namespace Parley.Tests.A2aClient;

/// <summary>An A2A server without a network: reads each request as a door would, keeps it, and answers what it was told, in one binding and version.</summary>
internal sealed class A2aDouble(A2aBinding binding, A2aVersion version) : HttpMessageHandler
{
    private readonly IDoubleWire _wire = binding switch
    {
        A2aBinding.JsonRpc => new JsonRpcWire(version),
        A2aBinding.HttpJson => new RestWire(version),
        _ => new GrpcWire(version),
    };

    /// <summary>What was asked last.</summary>
    public A2aOperation? Operation { get; private set; }

    /// <summary>The request as 1.0 has it.</summary>
    public IMessage? Request { get; private set; }

    /// <summary>The headers of the request.</summary>
    public Dictionary<string, string> Headers { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What is answered: one message, or the events of a stream.</summary>
    public IReadOnlyList<IMessage> Answers { get; set; } = [];

    /// <summary>What is refused instead.</summary>
    public ParleyException? Refusal { get; set; }

    /// <summary>Answers whatever came, instead of all else.</summary>
    public Func<HttpRequestMessage, HttpResponseMessage>? Raw { get; set; }

    /// <summary>The client of this server.</summary>
    public IA2aClient Client(A2aClientOptions? options = null, string tenant = "") =>
        Parley.Gateway.Client.A2aClient.Create(new HttpMessageInvoker(this), new A2aEndpoint(new Uri("https://agent.example/base"), binding, version, tenant), options ?? new A2aClientOptions());

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Headers.Clear();
        foreach (var (name, values) in request.Headers.NonValidated)
        {
            Headers[name] = values.ToString();
        }

        if (Raw is not null)
        {
            return Raw(request);
        }

        var body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken);
        var path = request.RequestUri!.PathAndQuery;
        (Operation, Request) = _wire.Read(request.Method, path.StartsWith("/base", StringComparison.Ordinal) ? path["/base".Length..] : path, body);
        var operation = Operation.Value;
        return Refusal is not null ? _wire.Refuse(Refusal) : IsStream(operation) ? _wire.Stream(Answers) : _wire.Answer(operation, Answers[0]);
    }

    /// <summary>A response with a body.</summary>
    public static HttpResponseMessage Response(HttpStatusCode status, string mediaType, ReadOnlyMemory<byte> body) => new(status)
    {
        Content = new ReadOnlyMemoryContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(mediaType) } },
    };

    /// <summary>Events with ids from 1.</summary>
    public static HttpResponseMessage Events(IEnumerable<ReadOnlyMemory<byte>> events)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var id = 0;
        foreach (var data in events)
        {
            SseWriter.Write(buffer, data.Span, ++id);
            buffer.Write(SseWriter.Heartbeat);
        }

        return Response(HttpStatusCode.OK, "text/event-stream", buffer.WrittenMemory);
    }

    private static bool IsStream(A2aOperation operation) => operation is A2aOperation.SendStreamingMessage or A2aOperation.SubscribeToTask;
}

/// <summary>How the double reads and answers in one binding.</summary>
internal interface IDoubleWire
{
    /// <summary>What a request asks, as 1.0 has it.</summary>
    (A2aOperation Operation, IMessage Request) Read(HttpMethod method, string path, byte[] body);

    /// <summary>One answer.</summary>
    HttpResponseMessage Answer(A2aOperation operation, IMessage answer);

    /// <summary>A stream.</summary>
    HttpResponseMessage Stream(IReadOnlyList<IMessage> answers);

    /// <summary>A refusal.</summary>
    HttpResponseMessage Refuse(ParleyException refusal);
}
