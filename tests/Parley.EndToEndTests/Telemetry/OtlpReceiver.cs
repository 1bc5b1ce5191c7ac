using System.Collections.Concurrent;
using System.Text;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Parley.EndToEndTests.Telemetry;

/// <summary>A collector on loopback that speaks OTLP over HTTP with protobuf, and decodes what a test asks about.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly ConcurrentQueue<(string Path, byte[] Body)> _received = new();

    private OtlpReceiver(WebApplication application) => _application = application;

    /// <summary>Its address.</summary>
    public string Url => _application.Urls.Single();

    /// <summary>Everything that came, as text, to look for what must not be in it.</summary>
    public string Everything => string.Join('\n', _received.Select(one => one.Path + Encoding.UTF8.GetString(one.Body)));

    /// <summary>The spans: resource_spans(1).scope_spans(2).spans(2).</summary>
    public IReadOnlyList<OtlpSpan> Spans => [.. Bodies("/v1/traces").SelectMany(body => Inner(body, 1, 2, 2)).Select(OtlpSpan.Read)];

    /// <summary>The names of metrics: resource_metrics(1).scope_metrics(2).metrics(2).name(1).</summary>
    public IReadOnlyList<string> MetricNames => [.. Bodies("/v1/metrics").SelectMany(body => Inner(body, 1, 2, 2, 1)).Select(name => name.ToStringUtf8())];

    /// <summary>Starts it on a free port.</summary>
    public static async Task<OtlpReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var application = builder.Build();
        var receiver = new OtlpReceiver(application);
        application.Run(receiver.TakeAsync);
        await application.StartAsync();
        return receiver;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _application.DisposeAsync();

    /// <summary>The length-delimited fields of a message that a path of field numbers leads to.</summary>
    internal static IEnumerable<ByteString> Inner(ByteString message, params int[] path)
    {
        if (path.Length == 0)
        {
            return [message];
        }

        var found = new List<ByteString>();
        var input = message.CreateCodedInput();
        while (input.ReadTag() is var tag && tag != 0)
        {
            if (WireFormat.GetTagWireType(tag) == WireFormat.WireType.LengthDelimited && WireFormat.GetTagFieldNumber(tag) == path[0])
            {
                found.Add(input.ReadBytes());
            }
            else
            {
                input.SkipLastField();
            }
        }

        return found.SelectMany(inner => Inner(inner, path[1..]));
    }

    private IEnumerable<ByteString> Bodies(string path) => _received.Where(one => one.Path == path).Select(one => ByteString.CopyFrom(one.Body));

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        _received.Enqueue((context.Request.Path, body.ToArray()));
        context.Response.ContentType = "application/x-protobuf";
    }
}

/// <summary>A span that arrived.</summary>
/// <param name="Name">Field 5.</param>
/// <param name="Attributes">Field 9: texts and numbers by key.</param>
internal sealed record OtlpSpan(string Name, IReadOnlyDictionary<string, string> Attributes)
{
    /// <summary>Reads the bytes of one span.</summary>
    public static OtlpSpan Read(ByteString span)
    {
        var attributes = OtlpReceiver.Inner(span, 9).ToDictionary(pair => OtlpReceiver.Inner(pair, 1).Single().ToStringUtf8(), pair => Value(OtlpReceiver.Inner(pair, 2).Single()));
        return new OtlpSpan(OtlpReceiver.Inner(span, 5).Single().ToStringUtf8(), attributes);
    }

    private static string Value(ByteString value)
    {
        var input = value.CreateCodedInput();
        return WireFormat.GetTagFieldNumber(input.ReadTag()) switch { 1 => input.ReadString(), 3 => input.ReadInt64().ToString(), _ => "?" };
    }
}
